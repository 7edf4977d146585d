INSERT INTO adverse_act (stream, id, kind, subject, proposed_by, proposed_at, stage)
VALUES ($1, $2, $3, $4, $5, $6, 'proposed')
