SELECT count(*)
FROM obligation AS o
WHERE o.closed_at IS NULL AND NOT EXISTS (
    SELECT FROM staff AS s
    WHERE s.valid_from <= clock_timestamp() AND (s.valid_until IS NULL OR s.valid_until > clock_timestamp())
        AND CASE WHEN o.holder IS NULL THEN s.roles @> ARRAY[o.owner] ELSE s.person = o.holder AND s.roles @> ARRAY[o.owner] END
)
