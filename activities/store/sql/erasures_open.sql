SELECT stream, position, requested_by, approved_by, approved_at, destroyed_at, forgotten_at
FROM erasure WHERE destroyed_at IS NULL OR forgotten_at IS NULL ORDER BY approved_at, stream
