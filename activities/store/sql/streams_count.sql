WITH RECURSIVE walk (stream) AS (
    SELECT ''
    UNION ALL
    SELECT (SELECT e.stream FROM entry e WHERE e.stream > walk.stream ORDER BY e.stream LIMIT 1) FROM walk WHERE walk.stream IS NOT NULL
)
SELECT count(*) - 1 FROM walk WHERE stream IS NOT NULL
