INSERT INTO access_log (stream, reader, purpose) SELECT unnest($1::text[]), $2, $3
