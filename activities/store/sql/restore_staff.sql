-- An appointment that was ended after the backup is ended again; one that was made after it is made again.
INSERT INTO staff SELECT * FROM jsonb_populate_recordset(NULL::staff, $1)
ON CONFLICT (person, valid_from) DO UPDATE SET valid_until = EXCLUDED.valid_until WHERE staff.valid_until IS NULL AND EXCLUDED.valid_until IS NOT NULL
