INSERT INTO access_log (note, stream, reader, purpose, at)
SELECT DISTINCT lost.note, lost.stream, lost.reader, lost.purpose, lost.at
FROM jsonb_populate_recordset(NULL::access_log, $1) AS lost
WHERE NOT EXISTS (
    SELECT FROM access_log AS known
    WHERE known.stream = lost.stream AND known.at = lost.at AND known.reader = lost.reader AND known.purpose = lost.purpose
      AND known.note IS NOT DISTINCT FROM lost.note
)
ORDER BY lost.at
