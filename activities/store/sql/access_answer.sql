UPDATE access_request SET answered_at = $3, answer = $4 WHERE stream = $1 AND id = $2
