SELECT stream, note::text FROM vault WHERE stream = ANY ($1)
