-- Rows as a rebuild made them, those that are closed with their end.
INSERT INTO obligation
    (stream, key, position, kind, owner, holder, opened_at, due, derivation, outcome, climbed, silent, next_at, closed_at, how, late_seconds)
SELECT $1, key, position, kind, owner, holder, opened_at, due, derivation, outcome, climbed, silent, next_at, closed_at, how, late_seconds
FROM jsonb_to_recordset($2) AS o (
    key text, position bigint, kind text, owner text, holder text, opened_at timestamptz, due timestamptz, derivation text,
    outcome text, climbed integer, silent boolean, next_at timestamptz, closed_at timestamptz, how text, late_seconds bigint
)
