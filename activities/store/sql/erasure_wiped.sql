UPDATE erasure SET wiped_at = clock_timestamp() WHERE stream = ANY ($1) AND wiped_at IS NULL
