INSERT INTO case_overview (stream, program, version, phase, entered_at, support_level, lead, position, head, opened_at, closed_at, next_wake, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (stream) DO UPDATE SET
    program = EXCLUDED.program, version = EXCLUDED.version, phase = EXCLUDED.phase, entered_at = EXCLUDED.entered_at,
    support_level = EXCLUDED.support_level, lead = EXCLUDED.lead, position = EXCLUDED.position, head = EXCLUDED.head,
    opened_at = EXCLUDED.opened_at, closed_at = EXCLUDED.closed_at, next_wake = EXCLUDED.next_wake,
    updated_at = EXCLUDED.updated_at
