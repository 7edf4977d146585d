INSERT INTO temporal_run (stream, run_id, status, events, began, ended, sha256, sealed)
SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE NOT EXISTS (SELECT FROM erasure WHERE stream = $1)
ON CONFLICT (stream, run_id) DO NOTHING
