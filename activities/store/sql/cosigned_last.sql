SELECT coalesce(max(size), 0) FROM cosignature WHERE witness = $1
