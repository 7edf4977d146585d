SELECT act.stream, act.id, act.kind, act.subject, act.proposed_by, act.proposed_at, act.stage, act.hearing_until, act.appeal_until,
       act.ended_at, act.awaits, owed.due, owed.owner, owed.holder, owed.climbed
FROM adverse_act AS act
LEFT JOIN obligation AS owed ON owed.stream = act.stream AND owed.key = act.awaits AND owed.closed_at IS NULL
WHERE ($1::boolean OR act.ended_at IS NULL) AND ($2::text IS NULL OR act.stream = $2)
ORDER BY act.ended_at NULLS FIRST, owed.due NULLS LAST, act.stream, act.id
