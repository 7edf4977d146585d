UPDATE inbox SET done_at = clock_timestamp()
WHERE person = $1 AND done_at IS NULL AND (stream, key) IN (SELECT * FROM unnest($2::text[], $3::text[]))
RETURNING stream, key
