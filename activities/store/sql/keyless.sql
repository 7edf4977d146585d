-- Streams that have entries and neither a key nor a tombstone: their records cannot be read, and nobody decided that.
SELECT entry.stream FROM entry
WHERE entry.position = 1 AND NOT EXISTS (SELECT FROM key WHERE key.stream = entry.stream)
  AND NOT EXISTS (SELECT FROM erasure WHERE erasure.stream = entry.stream AND destroyed_at IS NOT NULL)
ORDER BY entry.stream
