INSERT INTO vault
SELECT lost.* FROM jsonb_populate_recordset(NULL::vault, $1) AS lost
WHERE EXISTS (SELECT FROM key WHERE key.stream = lost.stream) AND NOT EXISTS (SELECT FROM erasure WHERE erasure.stream = lost.stream)
ON CONFLICT (note) DO NOTHING
