INSERT INTO restoration (restored_by, size_before, size_after, entries, told) VALUES ($1, $2, $3, $4, $5)
