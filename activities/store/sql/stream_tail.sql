SELECT stream, position, command_id, type, at, recorded_at, actor, body, prev, hash
FROM entry WHERE stream = $1 AND position >= $2
UNION ALL
SELECT stream, position, command_id, type, at, recorded_at, actor, body, prev, hash
FROM entry WHERE stream = $1 AND command_id = $3 AND position < $2
ORDER BY position
