DELETE FROM access_request WHERE stream = $1
