SELECT e.recorded_at FROM log_place p JOIN entry e USING (stream, position) WHERE p.leaf = $1
