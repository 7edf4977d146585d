INSERT INTO program_version SELECT * FROM jsonb_populate_recordset(NULL::program_version, $1)
ON CONFLICT (code, version) DO NOTHING
