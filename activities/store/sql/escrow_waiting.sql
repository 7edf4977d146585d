SELECT stream, position FROM log_waiting
