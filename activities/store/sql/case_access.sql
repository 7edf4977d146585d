INSERT INTO access_log (stream, reader, purpose) VALUES ($1, $2, $3)
