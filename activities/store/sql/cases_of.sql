-- The cases that a person leads or stands in for while they are open, or while the person still holds something in them; and what they hold in each.
SELECT c.stream, c.program, c.version, c.updated_at,
       ARRAY(SELECT o.key FROM obligation AS o
             WHERE o.stream = c.stream AND o.holder = $1 AND o.closed_at IS NULL ORDER BY o.due, o.key)
FROM case_overview AS c
WHERE (c.lead = $1 OR c.deputy = $1)
    AND (c.closed_at IS NULL
         OR EXISTS (SELECT FROM obligation AS h WHERE h.stream = c.stream AND h.holder = $1 AND h.closed_at IS NULL))
ORDER BY c.stream
