-- What staff are certified in, and who stands in for an absent lead: a caseload counts both.

ALTER TABLE staff ADD COLUMN certificates jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(certificates) = 'object');
COMMENT ON COLUMN staff.certificates IS 'Code of a certificate -> its last valid day; 9999-12-31: it does not expire.';
GRANT UPDATE (certificates) ON staff TO offramp_app;

ALTER TABLE case_overview ADD COLUMN deputy text;
CREATE INDEX case_overview_by_deputy ON case_overview (deputy) WHERE closed_at IS NULL AND deputy IS NOT NULL;
