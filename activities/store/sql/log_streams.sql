SELECT DISTINCT stream FROM log_place
