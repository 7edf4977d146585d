SELECT pg_advisory_xact_lock(hashtextextended('offramp.log', 0))
