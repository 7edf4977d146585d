SELECT DISTINCT ON (stream) stream, position, hash FROM entry ORDER BY stream, position DESC
