SELECT stream FROM erasure WHERE destroyed_at IS NOT NULL AND wiped_at IS NULL
