SELECT stream, run_id, status, events, began, ended, sha256, settled_at FROM temporal_run AS r
WHERE settled_at IS NULL AND NOT EXISTS (SELECT FROM erasure WHERE stream = r.stream)
ORDER BY ended
