SELECT key_id, count(*) FROM key GROUP BY key_id ORDER BY key_id
