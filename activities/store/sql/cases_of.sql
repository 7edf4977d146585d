-- The open cases that a person leads or stands in for, and what they hold in each.
SELECT c.stream, c.program, c.version, c.updated_at,
       ARRAY(SELECT o.key FROM obligation AS o
             WHERE o.stream = c.stream AND o.holder = $1 AND o.closed_at IS NULL ORDER BY o.due, o.key)
FROM case_overview AS c
WHERE c.closed_at IS NULL AND (c.lead = $1 OR c.deputy = $1)
ORDER BY c.stream
