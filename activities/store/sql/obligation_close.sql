UPDATE obligation SET climbed = $3, silent = $4, next_at = NULL, closed_at = $5, how = $6, late_seconds = $7
WHERE stream = $1 AND key = $2 AND closed_at IS NULL
