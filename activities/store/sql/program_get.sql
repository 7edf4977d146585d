SELECT canonical, sha256 FROM program_version WHERE code = $1 AND version = $2
