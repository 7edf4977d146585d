SELECT stream, position, command_id, type, at, recorded_at, actor, body, prev, hash
FROM entry WHERE stream = $1
ORDER BY position DESC
LIMIT 1
