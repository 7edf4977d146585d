SELECT stream, key, person, template, params, link, put_at
FROM inbox WHERE person = $1
ORDER BY put_at, stream, key
