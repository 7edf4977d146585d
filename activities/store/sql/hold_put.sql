INSERT INTO hold (stream, source, id, kind, requested_by, since, began_at, until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (stream, source, id) DO UPDATE SET began_at = EXCLUDED.began_at, until = EXCLUDED.until
