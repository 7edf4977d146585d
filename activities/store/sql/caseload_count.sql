-- How many other open cases a person leads or stands in for.
SELECT count(*) FROM case_overview
WHERE closed_at IS NULL AND (lead = $1 OR deputy = $1) AND stream <> $2
