SELECT coalesce(max(index) + 1, 0) FROM log_node WHERE level = 0
