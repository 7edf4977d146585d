SELECT stream, to_jsonb(key) FROM key WHERE stream = ANY ($1)
