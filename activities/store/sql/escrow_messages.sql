SELECT stream, to_jsonb(inbox) - 'done_at' FROM inbox WHERE stream = ANY ($1)
