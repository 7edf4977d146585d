SELECT code, version, sha256, canonical::json ->> 'title', published_at
FROM program_version
ORDER BY code, published_at
