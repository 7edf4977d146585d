SELECT id, to_jsonb(access_log) FROM access_log WHERE id > $1 ORDER BY id
