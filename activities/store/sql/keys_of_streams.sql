SELECT stream FROM key WHERE stream = ANY ($1)
