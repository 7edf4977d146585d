INSERT INTO checkpoint (size, root, note) VALUES ($1, $2, $3)
ON CONFLICT (size) DO NOTHING
