SELECT person, roles, organization FROM staff
WHERE person = $1 AND valid_from <= $2 AND (valid_until IS NULL OR valid_until > $2)
