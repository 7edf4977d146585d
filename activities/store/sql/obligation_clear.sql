DELETE FROM obligation WHERE stream = $1
