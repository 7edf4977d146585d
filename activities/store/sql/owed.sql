SELECT stream, key, position, kind, owner, holder, opened_at, due, derivation, outcome, climbed, silent, next_at, closed_at, how, late_seconds
FROM obligation
WHERE closed_at IS NULL
  AND (CASE WHEN $2::text IS NULL THEN $1::text[] IS NULL OR owner = ANY ($1::text[])
            ELSE holder = $2 OR (holder IS NULL AND owner = ANY ($1::text[])) END)
  AND ($3::timestamptz IS NULL OR due <= $3)
ORDER BY due, stream, key
