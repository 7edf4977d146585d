DELETE FROM log_waiting w USING unnest($1::text[], $2::bigint[]) AS placed (stream, position)
WHERE w.stream = placed.stream AND w.position = placed.position
