DELETE FROM name_index WHERE stream = $1
