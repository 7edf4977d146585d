-- Another root would leave names that nobody is found by, and addresses that nothing opens: it is made only while nothing was derived from one.
INSERT INTO key (stream, key_id, wrapped, commitment)
SELECT $1, $2, $3, $4
WHERE NOT EXISTS (SELECT FROM name_index) AND NOT EXISTS (SELECT FROM staff WHERE address IS NOT NULL)
ON CONFLICT (stream) DO NOTHING
