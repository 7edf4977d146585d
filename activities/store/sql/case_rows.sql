SELECT stream, program, version, phase, entered_at, support_level, lead, position, head, opened_at, closed_at, next_wake, updated_at, deputy,
       in_charge, sealed, access_asked, undecided, glance_position
FROM case_overview WHERE stream = ANY ($1::text[])
