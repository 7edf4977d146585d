UPDATE adverse_act
SET stage = $3, hearing_until = coalesce($4, hearing_until), appeal_until = coalesce($5, appeal_until), awaits = $6, ended_at = $7
WHERE stream = $1 AND id = $2
