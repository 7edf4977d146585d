INSERT INTO obligation
    (stream, key, position, kind, owner, holder, opened_at, due, derivation, outcome, climbed, silent, next_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
