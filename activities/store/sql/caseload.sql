SELECT stream, program, version, phase, entered_at, support_level, lead, position, head, opened_at, closed_at, next_wake, updated_at, deputy,
       in_charge, sealed, access_asked, undecided, glance_position
FROM case_overview
WHERE ($1::text IS NULL OR lead = $1)
  AND ($2::text IS NULL OR phase = $2)
  AND ($3::boolean OR closed_at IS NULL)
ORDER BY next_wake NULLS LAST, stream
