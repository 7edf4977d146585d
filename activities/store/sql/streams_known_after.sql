-- From stream to stream along the primary keys of the ledger, the log and the read model: whoever knows of a stream, it is named once.
-- With it what the read model was last made from, read before any entry is: a case that moves on meanwhile is ahead of it, never behind.
WITH RECURSIVE walk (stream) AS (
    SELECT $1::text
    UNION ALL
    SELECT least(
        (SELECT e.stream FROM entry e WHERE e.stream > walk.stream ORDER BY e.stream LIMIT 1),
        (SELECT p.stream FROM log_place p WHERE p.stream > walk.stream ORDER BY p.stream LIMIT 1),
        (SELECT c.stream FROM case_overview c WHERE c.stream > walk.stream ORDER BY c.stream LIMIT 1)
    )
    FROM walk WHERE walk.stream IS NOT NULL
),
named AS (SELECT stream FROM walk WHERE stream IS NOT NULL OFFSET 1 LIMIT $2)
SELECT named.stream, c.position, c.head FROM named LEFT JOIN case_overview c USING (stream) ORDER BY named.stream
