SELECT one.stream, one.source, one.id, one.kind, one.requested_by, one.since, one.began_at, one.until, one.ended_at, one.how,
       owed.due, owed.owner, owed.holder
FROM hold AS one
JOIN case_overview ON case_overview.stream = one.stream
LEFT JOIN obligation AS owed ON owed.stream = one.stream AND owed.closed_at IS NULL
    AND owed.key = CASE WHEN one.source = 'legal_hold' THEN 'legal_hold/' WHEN one.began_at IS NULL THEN 'hold_approval/' ELSE 'hold_end/' END || one.id
-- A pause has no meaning any more in a case that was closed during it; a legal hold has.
WHERE ($1::boolean OR (one.ended_at IS NULL AND (one.source = 'legal_hold' OR case_overview.closed_at IS NULL)))
  AND ($2::text IS NULL OR one.stream = $2)
ORDER BY one.ended_at NULLS FIRST, one.until, one.stream, one.source, one.id
