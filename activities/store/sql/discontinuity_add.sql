INSERT INTO discontinuity (kept, kept_root, now, now_root, declared_by, approved_by, at, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
