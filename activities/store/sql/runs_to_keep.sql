SELECT w.stream, w.run_id FROM unnest($1::text[], $2::text[]) AS w (stream, run_id)
WHERE EXISTS (SELECT FROM key WHERE stream = w.stream)
  AND NOT EXISTS (SELECT FROM erasure WHERE stream = w.stream)
  AND NOT EXISTS (SELECT FROM temporal_run WHERE stream = w.stream AND run_id = w.run_id)
