-- One import at a time: two of them could otherwise begin overlapping appointments.
SELECT pg_advisory_xact_lock(hashtextextended('offramp staff import', 0))
