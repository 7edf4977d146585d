INSERT INTO key
SELECT lost.* FROM jsonb_populate_recordset(NULL::key, $1) AS lost
WHERE NOT EXISTS (SELECT FROM erasure WHERE erasure.stream = lost.stream AND destroyed_at IS NOT NULL)
ON CONFLICT (stream) DO NOTHING
RETURNING stream
