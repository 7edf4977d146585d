INSERT INTO name_index
SELECT lost.* FROM jsonb_populate_recordset(NULL::name_index, $1) AS lost
WHERE EXISTS (SELECT FROM key WHERE key.stream = lost.stream) AND EXISTS (SELECT FROM vault WHERE vault.note = lost.note)
ON CONFLICT (stream) DO NOTHING
