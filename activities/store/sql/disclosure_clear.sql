DELETE FROM disclosure WHERE stream = $1
