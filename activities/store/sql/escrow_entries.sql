SELECT to_jsonb(e)
FROM unnest($1::text[], $2::bigint[]) AS wanted (stream, position)
JOIN entry e USING (stream, position)
ORDER BY e.stream, e.position
