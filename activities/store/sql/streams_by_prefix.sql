SELECT stream FROM entry
WHERE position = 1 AND starts_with(stream, $1)
ORDER BY stream
LIMIT $2
