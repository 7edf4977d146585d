-- The cases in which something may still happen: each must have a run that goes on. `late`: something was to happen in it by itself, longer ago than $1 seconds.
SELECT stream, next_wake, coalesce(next_wake <= clock_timestamp() - make_interval(secs => $1), false) AS late
FROM case_overview
WHERE (closed_at IS NULL OR next_wake IS NOT NULL)
  AND EXISTS (SELECT FROM key WHERE key.stream = case_overview.stream)
  AND NOT EXISTS (SELECT FROM erasure WHERE erasure.stream = case_overview.stream)
ORDER BY next_wake NULLS LAST, stream
