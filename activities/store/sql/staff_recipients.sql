SELECT person, language, channel, address FROM staff
WHERE (CASE WHEN $1::text IS NULL THEN roles @> ARRAY[$2::text] ELSE person = $1 END)
  AND valid_from <= $3 AND (valid_until IS NULL OR valid_until > $3)
ORDER BY person
