UPDATE obligation SET climbed = $3, silent = $4, next_at = $5, holder = $6
WHERE stream = $1 AND key = $2 AND closed_at IS NULL
