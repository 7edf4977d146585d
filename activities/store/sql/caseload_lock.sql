-- One who is to take a case at a time: of two commands in two cases the later counts the earlier.
SELECT pg_advisory_xact_lock(hashtextextended('offramp caseload ' || $1, 0))
