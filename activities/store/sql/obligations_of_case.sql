SELECT stream, key, position, kind, owner, holder, opened_at, due, derivation, outcome, climbed, silent, next_at, closed_at, how, late_seconds
FROM obligation
WHERE stream = $1 AND (closed_at IS NULL OR NOT $2::boolean)
ORDER BY due, key, position
