DELETE FROM review WHERE stream = $1
