SELECT stream FROM entry WHERE position = 1 ORDER BY stream
