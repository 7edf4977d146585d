INSERT INTO erasure (stream, position, requested_by, approved_by, approved_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (stream) DO NOTHING
