UPDATE erasure SET forgotten_at = clock_timestamp() WHERE stream = $1 AND forgotten_at IS NULL
