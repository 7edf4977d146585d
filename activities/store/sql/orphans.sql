-- What is owed by somebody who is not here at $1, or by a role that nobody holds then.
SELECT o.stream, o.key, o.position, o.kind, o.owner, o.holder, o.opened_at, o.due, o.derivation, o.outcome, o.climbed, o.silent, o.next_at,
       o.closed_at, o.how, o.late_seconds
FROM obligation AS o
WHERE o.closed_at IS NULL AND NOT EXISTS (
    SELECT FROM staff AS s
    WHERE s.valid_from <= $1 AND (s.valid_until IS NULL OR s.valid_until > $1)
        AND CASE WHEN o.holder IS NULL THEN s.roles @> ARRAY[o.owner] ELSE s.person = o.holder AND s.roles @> ARRAY[o.owner] END
)
ORDER BY o.due, o.stream, o.key
