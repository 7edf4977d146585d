-- In the order of the streams' own positions: an entry is visible only once the one before it is, so none is overtaken.
DELETE FROM log_waiting w
USING (
    -- Without the key of its stream an entry fits no leaf: whether the key was destroyed while a worker appended, or was lost, the entry keeps nobody else
    -- from a place. Where the key is found again, it gets one too.
    SELECT stream, position FROM log_waiting
    WHERE EXISTS (SELECT FROM key WHERE key.stream = log_waiting.stream)
    ORDER BY stream, position LIMIT $1
) AS taken
WHERE w.stream = taken.stream AND w.position = taken.position
RETURNING w.stream, w.position, (SELECT e.hash FROM entry e WHERE e.stream = w.stream AND e.position = w.position)
