DELETE FROM hold WHERE stream = $1
