SELECT one.stream, one.id, one.requested_at, one.answered_at, one.answer, owed.due, owed.owner, owed.holder
FROM access_request AS one
LEFT JOIN obligation AS owed ON owed.stream = one.stream AND owed.key = 'access_request/' || one.id AND owed.closed_at IS NULL
WHERE ($1::boolean OR one.answered_at IS NULL) AND ($2::text IS NULL OR one.stream = $2)
ORDER BY owed.due NULLS LAST, one.stream, one.id
