-- What decides who may look at a case, so that a list over thousands of cases folds none of them. Null until the case's next entry, or 'offramp rebuild':
-- then the case itself is asked.

ALTER TABLE case_overview
    ADD COLUMN in_charge text, ADD COLUMN sealed boolean, ADD COLUMN access_asked boolean, ADD COLUMN undecided boolean;
