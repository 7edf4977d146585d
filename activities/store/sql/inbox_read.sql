SELECT stream, key, person, template, params, link, put_at, done_at
FROM inbox WHERE person = $1 AND (done_at IS NULL OR $2)
ORDER BY put_at, stream, key
