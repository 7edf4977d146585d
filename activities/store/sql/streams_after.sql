-- From stream to stream along the primary key: what lies between, the entries, is not read. And whether its key was destroyed.
WITH RECURSIVE walk (stream) AS (
    SELECT $1::text
    UNION ALL
    SELECT (SELECT e.stream FROM entry e WHERE e.stream > walk.stream ORDER BY e.stream LIMIT 1) FROM walk WHERE walk.stream IS NOT NULL
),
named AS (SELECT stream FROM walk WHERE stream IS NOT NULL OFFSET 1 LIMIT $2)
SELECT stream, EXISTS (SELECT FROM erasure WHERE erasure.stream = named.stream AND destroyed_at IS NOT NULL)
FROM named ORDER BY stream
