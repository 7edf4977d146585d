INSERT INTO name_index (stream, note, tokens) VALUES ($1, $2, $3)
ON CONFLICT (stream) DO NOTHING
