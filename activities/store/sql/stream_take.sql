-- The lock is taken first and the clock read under it, so that recorded_at grows with the position.
-- The entries are read by the next statement, whose snapshot is younger than the lock.
WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended($1, 0)))
SELECT clock_timestamp(), staff.person, staff.roles, staff.organization, staff.certificates,
       -- Until when they hold these roles: where no appointment follows at once that holds them too.
       CASE WHEN staff.valid_until IS NOT NULL THEN (
           SELECT min(ends.valid_until) FROM staff AS ends
           WHERE ends.person = staff.person AND ends.valid_until >= staff.valid_until
               AND NOT EXISTS (
                   SELECT FROM staff AS next
                   WHERE next.person = staff.person AND next.valid_from = ends.valid_until AND next.roles @> staff.roles
               )
       ) END
FROM locked
LEFT JOIN staff ON staff.person = ANY ($2::text[])
    AND staff.valid_from <= $3
    AND (staff.valid_until IS NULL OR staff.valid_until > $3)
