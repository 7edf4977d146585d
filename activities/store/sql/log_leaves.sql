SELECT hash FROM log_node WHERE level = 0 AND index >= $1 AND index < $1 + $2 ORDER BY index
