SELECT review.stream, id, to_phase, panel, requested_by, requested_at, due, state, decided_at, votes, recused
FROM review JOIN case_overview ON case_overview.stream = review.stream
WHERE (NOT $1::boolean OR (state = 'open' AND case_overview.closed_at IS NULL))
  AND ($2::text IS NULL OR review.stream = $2)
ORDER BY due NULLS LAST, review.stream, id
