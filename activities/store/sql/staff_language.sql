SELECT language FROM staff
WHERE person = $1
ORDER BY valid_from <= $2 DESC, CASE WHEN valid_from <= $2 THEN valid_from END DESC, valid_from
LIMIT 1
