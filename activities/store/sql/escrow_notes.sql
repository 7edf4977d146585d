SELECT stream, to_jsonb(vault) FROM vault WHERE note = ANY ($1::uuid[])
