UPDATE disclosure SET told_at = coalesce(told_at, $3), corrections = $4 WHERE stream = $1 AND id = $2
