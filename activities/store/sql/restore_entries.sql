INSERT INTO entry SELECT * FROM jsonb_populate_recordset(NULL::entry, $1)
