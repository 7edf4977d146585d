-- What is owed first about each: its decision, word to the person, word to the recipient. The keys stand beside the stream, so that the primary key
-- of what is owed finds them.
SELECT one.stream, one.id, one.partner, one.recipient, one.purpose, one.fields, one.basis, one.requested_by, one.requested_at, one.state,
       one.approved_by, one.decided_at, one.tell_from, one.told_at, one.corrections, owed.key, owed.due, owed.owner, owed.holder
FROM disclosure AS one
LEFT JOIN LATERAL (
    SELECT o.key, o.due, o.owner, o.holder
    FROM obligation AS o
    WHERE o.stream = one.stream AND o.closed_at IS NULL
      AND (o.key IN ('disclosure_decision/' || one.id, 'tell_of_disclosure/' || one.id) OR o.key LIKE 'tell\_recipient/' || one.id || '/%')
    ORDER BY o.due, o.key
    LIMIT 1
) AS owed ON true
WHERE ($1::boolean OR owed.key IS NOT NULL) AND ($2::text IS NULL OR one.stream = $2)
ORDER BY owed.due NULLS LAST, one.stream, one.id
