SELECT count(*) FROM entry
WHERE NOT EXISTS (SELECT FROM erasure WHERE erasure.stream = entry.stream AND destroyed_at IS NOT NULL)
