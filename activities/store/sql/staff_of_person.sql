SELECT roles, organization, valid_from, valid_until, language, channel, address, certificates FROM staff
WHERE person = $1
ORDER BY valid_from
