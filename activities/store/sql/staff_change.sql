UPDATE staff SET valid_until = $3, language = $4, channel = $5, address = $6, certificates = $7
WHERE person = $1 AND valid_from = $2
