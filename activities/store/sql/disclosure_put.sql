INSERT INTO disclosure
    (stream, id, partner, recipient, purpose, fields, basis, requested_by, requested_at, state, tell_from, corrections)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'requested', $10, '{}')
