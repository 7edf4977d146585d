SELECT act, key_id, keys, person, at FROM key_operation ORDER BY id DESC LIMIT 10
