INSERT INTO staff (person, valid_from, roles, organization, valid_until, language, channel, address, certificates)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
