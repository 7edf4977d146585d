-- In the order of the streams' own positions: an entry is visible only once the one before it is, so none is overtaken.
DELETE FROM log_waiting w
USING (
    -- What a worker appended with a key that another had destroyed meanwhile fits no leaf, and keeps nobody else from a place.
    SELECT stream, position FROM log_waiting
    WHERE NOT EXISTS (SELECT FROM erasure WHERE erasure.stream = log_waiting.stream AND destroyed_at IS NOT NULL)
    ORDER BY stream, position LIMIT $1
) AS taken
WHERE w.stream = taken.stream AND w.position = taken.position
RETURNING w.stream, w.position, (SELECT e.hash FROM entry e WHERE e.stream = w.stream AND e.position = w.position)
