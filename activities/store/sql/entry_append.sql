INSERT INTO entry (stream, position, command_id, type, at, recorded_at, actor, body, prev, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
