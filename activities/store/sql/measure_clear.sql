DELETE FROM measure WHERE stream = $1
