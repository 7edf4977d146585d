INSERT INTO log_place (stream, position, leaf)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[])
