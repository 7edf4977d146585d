SELECT to_jsonb(e) FROM log_waiting w JOIN entry e USING (stream, position) ORDER BY e.stream, e.position
