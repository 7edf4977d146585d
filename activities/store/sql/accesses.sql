SELECT note::text, reader, purpose, at FROM access_log WHERE stream = $1 ORDER BY id
