-- `until`: where no appointment follows at once that holds the same roles.
SELECT person, roles, organization, certificates,
       CASE WHEN staff.valid_until IS NOT NULL THEN (
           SELECT min(ends.valid_until) FROM staff AS ends
           WHERE ends.person = staff.person AND ends.valid_until >= staff.valid_until
               AND NOT EXISTS (
                   SELECT FROM staff AS next
                   WHERE next.person = staff.person AND next.valid_from = ends.valid_until AND next.roles @> staff.roles
               )
       ) END
FROM staff
WHERE person = $1 AND valid_from <= $2 AND (valid_until IS NULL OR valid_until > $2)
