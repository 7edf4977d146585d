-- Cases whose rows of the read model do not follow from the last entry of their stream.
SELECT head.stream
FROM (SELECT DISTINCT ON (stream) stream, hash FROM entry ORDER BY stream, position DESC) AS head
LEFT JOIN case_overview AS row ON row.stream = head.stream
WHERE row.head IS DISTINCT FROM head.hash
  AND EXISTS (SELECT FROM key WHERE key.stream = head.stream)
ORDER BY head.stream
