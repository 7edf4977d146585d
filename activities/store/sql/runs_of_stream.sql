SELECT stream, run_id, status, events, began, ended, sha256, settled_at, sealed FROM temporal_run
WHERE stream = $1
ORDER BY began, ended
