UPDATE hold SET ended_at = $4, how = $5 WHERE stream = $1 AND source = $2 AND id = $3
