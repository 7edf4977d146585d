-- The sealed names of the stream itself, and of opened cases that share a token with it, those that share most first. One opening at a time.
WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended('name_index', 0)))
SELECT other.stream, other.note, vault.sealed
FROM locked, name_index AS own
JOIN name_index AS other ON other.tokens && own.tokens
JOIN vault ON vault.note = other.note
WHERE own.stream = $1 AND (other.stream = $1 OR EXISTS (SELECT FROM case_overview WHERE case_overview.stream = other.stream))
ORDER BY other.stream = $1 DESC,
    (SELECT count(*) FROM unnest(other.tokens) AS t WHERE t = ANY (own.tokens)) DESC, other.stream
LIMIT $2
