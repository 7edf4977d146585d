INSERT INTO key (stream, key_id, wrapped, commitment)
VALUES ($1, $2, $3, $4)
ON CONFLICT (stream) DO NOTHING
