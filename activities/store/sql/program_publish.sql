INSERT INTO program_version (code, version, sha256, canonical, source)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (code, version) DO NOTHING
RETURNING sha256
