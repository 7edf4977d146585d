INSERT INTO access_request (stream, id, requested_at) VALUES ($1, $2, $3)
