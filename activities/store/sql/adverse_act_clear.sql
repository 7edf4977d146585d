DELETE FROM adverse_act WHERE stream = $1
