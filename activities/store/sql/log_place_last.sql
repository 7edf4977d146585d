SELECT position FROM log_place WHERE stream = $1 ORDER BY position DESC LIMIT 1
