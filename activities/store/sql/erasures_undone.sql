-- Of these streams, whose keys were destroyed, those that this database knows otherwise: their key is back; or a recovery put their entries back, and no tombstone says
-- why there is no key.
SELECT told.stream
FROM unnest($1::text[]) AS told (stream)
WHERE EXISTS (SELECT FROM key WHERE key.stream = told.stream)
   OR (EXISTS (SELECT FROM entry WHERE entry.stream = told.stream AND entry.position = 1)
       AND NOT EXISTS (SELECT FROM erasure WHERE erasure.stream = told.stream AND destroyed_at IS NOT NULL)
       -- What has no place in the log can have none without its key: then it is not to be explained by an erasure.
       AND NOT EXISTS (SELECT FROM log_waiting WHERE log_waiting.stream = told.stream))
