INSERT INTO key_operation (act, key_id, keys, person) VALUES ($1, $2, $3, $4)
