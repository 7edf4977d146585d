SELECT stream, max(position) FROM entry GROUP BY stream ORDER BY stream
