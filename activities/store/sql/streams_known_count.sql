WITH RECURSIVE walk (stream) AS (
    SELECT ''
    UNION ALL
    SELECT least(
        (SELECT e.stream FROM entry e WHERE e.stream > walk.stream ORDER BY e.stream LIMIT 1),
        (SELECT p.stream FROM log_place p WHERE p.stream > walk.stream ORDER BY p.stream LIMIT 1),
        (SELECT c.stream FROM case_overview c WHERE c.stream > walk.stream ORDER BY c.stream LIMIT 1)
    )
    FROM walk WHERE walk.stream IS NOT NULL
)
SELECT count(*) - 1 FROM walk WHERE stream IS NOT NULL
