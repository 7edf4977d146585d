SELECT code, version, to_jsonb(program_version) FROM program_version
