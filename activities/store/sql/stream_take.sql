-- The lock is taken first and the clock read under it, so that recorded_at grows with the position.
-- The entries are read by the next statement, whose snapshot is younger than the lock.
WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended($1, 0)))
SELECT clock_timestamp(), staff.person, staff.roles, staff.organization
FROM locked
LEFT JOIN staff ON staff.person = ANY ($2::text[])
    AND staff.valid_from <= $3
    AND (staff.valid_until IS NULL OR staff.valid_until > $3)
