SELECT stream, position, requested_by, approved_by, approved_at, destroyed_at, forgotten_at, wiped_at FROM erasure ORDER BY approved_at, stream
