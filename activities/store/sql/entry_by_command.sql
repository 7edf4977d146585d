SELECT position, type, actor, at FROM entry
WHERE stream = $1 AND command_id = $2
