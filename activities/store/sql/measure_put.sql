INSERT INTO measure (stream, source, id, content, mode, began_at, until, renewals, reviews)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (stream, source, id) DO UPDATE SET until = EXCLUDED.until, renewals = EXCLUDED.renewals, reviews = EXCLUDED.reviews
