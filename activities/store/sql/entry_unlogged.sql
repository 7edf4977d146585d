-- An entry that has no place in the log and waits for none came to be behind the back of whoever appends.
SELECT e.stream, e.position FROM entry e
WHERE NOT EXISTS (SELECT FROM log_place p WHERE p.stream = e.stream AND p.position = e.position)
  AND NOT EXISTS (SELECT FROM log_waiting w WHERE w.stream = e.stream AND w.position = e.position)
ORDER BY e.stream, e.position LIMIT 1
