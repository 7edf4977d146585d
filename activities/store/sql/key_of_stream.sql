SELECT key_id, wrapped, commitment, xmin IS DISTINCT FROM pg_current_xact_id_if_assigned()::xid
FROM key WHERE stream = $1
