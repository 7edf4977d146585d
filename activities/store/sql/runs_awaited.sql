-- The cases each of which must have a run that goes on: the open ones, and closed ones in which something will happen by itself, or lately did and may be on
-- its way still. `late`: something was to happen longer ago than $1 seconds. `over`: it may be that nothing is left to happen.
SELECT stream, next_wake, coalesce(next_wake <= clock_timestamp() - make_interval(secs => $1), false) AS late, closed_at IS NOT NULL AND next_wake IS NULL AS over
FROM case_overview
WHERE (closed_at IS NULL OR next_wake IS NOT NULL OR updated_at > clock_timestamp() - interval '1 day')
  AND EXISTS (SELECT FROM key WHERE key.stream = case_overview.stream)
  AND NOT EXISTS (SELECT FROM erasure WHERE erasure.stream = case_overview.stream)
ORDER BY next_wake NULLS LAST, stream
