-- The row of a case with all that one entry changed in what is owed there: obligations moved or closed ($20), and opened ($21).
WITH moved AS (
    UPDATE obligation
    SET owner = m.owner, holder = m.holder, climbed = m.climbed, silent = m.silent, next_at = m.next_at,
        due = m.due, derivation = m.derivation, closed_at = m.closed_at, how = m.how, late_seconds = m.late_seconds
    FROM jsonb_to_recordset($20) AS m (
        key text, owner text, holder text, climbed integer, silent boolean, next_at timestamptz,
        due timestamptz, derivation text, closed_at timestamptz, how text, late_seconds bigint
    )
    WHERE obligation.stream = $1 AND obligation.key = m.key
        -- The keys once more, as a list, so that they are looked up by the primary key: what was closed long ago is not read. And "still open" in
        -- words that match no partial index: the one by due date spans all cases.
        AND obligation.key = ANY (ARRAY(SELECT one ->> 'key' FROM jsonb_array_elements($20) AS one))
        AND coalesce(obligation.closed_at, 'infinity') = 'infinity'
),
opened AS (
    INSERT INTO obligation
        (stream, key, position, kind, owner, holder, opened_at, due, derivation, outcome, climbed, silent, next_at)
    SELECT $1, key, $8, kind, owner, holder, opened_at, due, derivation, outcome, climbed, silent, next_at
    FROM jsonb_to_recordset($21) AS o (
        key text, kind text, owner text, holder text, opened_at timestamptz, due timestamptz,
        derivation text, outcome text, climbed integer, silent boolean, next_at timestamptz
    )
)
INSERT INTO case_overview
    (stream, program, version, phase, entered_at, support_level, lead, position, head, opened_at, closed_at, next_wake,
     updated_at, deputy, in_charge, sealed, access_asked, undecided, glance_position)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
ON CONFLICT (stream) DO UPDATE SET
    program = EXCLUDED.program, version = EXCLUDED.version, phase = EXCLUDED.phase, entered_at = EXCLUDED.entered_at,
    support_level = EXCLUDED.support_level, lead = EXCLUDED.lead, position = EXCLUDED.position, head = EXCLUDED.head,
    opened_at = EXCLUDED.opened_at, closed_at = EXCLUDED.closed_at, next_wake = EXCLUDED.next_wake,
    updated_at = EXCLUDED.updated_at, deputy = EXCLUDED.deputy, in_charge = EXCLUDED.in_charge, sealed = EXCLUDED.sealed,
    access_asked = EXCLUDED.access_asked, undecided = EXCLUDED.undecided, glance_position = EXCLUDED.glance_position
