UPDATE temporal_run SET settled_at = clock_timestamp() WHERE stream = $1 AND run_id = $2 AND settled_at IS NULL
