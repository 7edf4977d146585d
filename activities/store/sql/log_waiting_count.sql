SELECT count(*) FROM log_waiting
