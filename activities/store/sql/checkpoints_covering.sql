-- Newest first, each with the lines of its witnesses: an older one proves no more than a newer.
SELECT c.size, c.root, c.note, array(SELECT s.line FROM cosignature s WHERE s.size = c.size ORDER BY s.witness)
FROM checkpoint c
WHERE c.size > $1 AND c.size < $2
ORDER BY c.size DESC
LIMIT $3
