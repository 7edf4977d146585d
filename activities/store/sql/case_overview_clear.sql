DELETE FROM case_overview WHERE stream = $1
