-- The upper bound is no limit: it tells the planner, who does not see $2, that few entries are asked for and not a third of the stream.
SELECT stream, position, command_id, type, at, recorded_at, actor, body, prev, hash
FROM entry WHERE stream = $1 AND position >= $2 AND position <= 9223372036854775807
UNION ALL
SELECT stream, position, command_id, type, at, recorded_at, actor, body, prev, hash
FROM entry WHERE stream = $1 AND command_id = $3 AND position < $2
ORDER BY position
