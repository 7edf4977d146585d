WITH found AS (SELECT note, stream, sealed FROM vault WHERE note = $1),
logged AS (INSERT INTO access_log (note, stream, reader, purpose) SELECT note, stream, $2, $3 FROM found)
SELECT stream, sealed FROM found
