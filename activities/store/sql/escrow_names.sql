SELECT stream, to_jsonb(name_index) FROM name_index WHERE stream = ANY ($1)
