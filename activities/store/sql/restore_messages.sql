INSERT INTO inbox
SELECT lost.* FROM jsonb_populate_recordset(NULL::inbox, $1) AS lost
WHERE NOT EXISTS (SELECT FROM erasure WHERE erasure.stream = lost.stream AND destroyed_at IS NOT NULL)
ON CONFLICT (stream, key, person) DO NOTHING
