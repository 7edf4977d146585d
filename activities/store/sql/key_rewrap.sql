-- Only what was read is replaced: a key that was destroyed, or wrapped anew by somebody else meanwhile, stays as it is.
UPDATE key SET key_id = $3, wrapped = $4 WHERE stream = $1 AND wrapped = $2
