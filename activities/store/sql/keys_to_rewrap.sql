SELECT stream, key_id, wrapped, commitment FROM key WHERE key_id <> $1 AND stream > $2 ORDER BY stream LIMIT $3
