SELECT person, roles, organization, valid_from, valid_until, language, channel, certificates FROM staff
WHERE $1::timestamptz IS NULL OR (valid_from <= $1 AND (valid_until IS NULL OR valid_until > $1))
ORDER BY person, valid_from
