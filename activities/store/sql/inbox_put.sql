INSERT INTO inbox (stream, key, person, template, params, link)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (stream, key, person) DO NOTHING
RETURNING put_at
