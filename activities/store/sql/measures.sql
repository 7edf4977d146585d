SELECT one.stream, one.source, one.id, one.content, one.mode, one.began_at, one.until, one.renewals, one.reviews, one.ended_at, one.how,
       owed.due, owed.owner, owed.holder
FROM measure AS one
LEFT JOIN obligation AS owed ON owed.stream = one.stream AND owed.closed_at IS NULL
    AND one.source = 'measure' AND owed.key = 'measure_review/' || one.id || '/' || one.reviews
WHERE ($1::boolean OR one.ended_at IS NULL) AND ($2::text IS NULL OR one.stream = $2)
ORDER BY one.ended_at NULLS FIRST, one.until, one.stream, one.source, one.id
