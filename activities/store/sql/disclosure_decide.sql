UPDATE disclosure SET state = $3, decided_at = $4, approved_by = $5, tell_from = $6 WHERE stream = $1 AND id = $2
