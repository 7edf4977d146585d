-- What decides who may look at a case, so that a list over thousands of cases folds none of them. It counts only where glance_position is the row's position:
-- a build that knows nothing of it moves the position alone, and then the case itself is asked.

ALTER TABLE case_overview
    ADD COLUMN in_charge text, ADD COLUMN sealed boolean, ADD COLUMN access_asked boolean, ADD COLUMN undecided boolean,
    ADD COLUMN glance_position bigint;
