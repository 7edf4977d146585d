INSERT INTO review (stream, id, to_phase, panel, requested_by, requested_at, due, state, decided_at, votes, recused)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (stream, id) DO UPDATE SET
    due = coalesce(EXCLUDED.due, review.due), state = EXCLUDED.state, decided_at = EXCLUDED.decided_at,
    votes = EXCLUDED.votes, recused = EXCLUDED.recused
