-- Who read a case as a whole (its minutes, its standing, the person's statement) is logged beside who read a sealed text.

ALTER TABLE access_log ALTER COLUMN note DROP NOT NULL;
COMMENT ON TABLE access_log IS
    'Who read what of a case, when and what for: committed before it is shown. note: the sealed text; null where the content of the case as a whole was read.';
