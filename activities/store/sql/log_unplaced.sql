-- A leaf below the log's end that is no entry's: the entry it was made of was removed, and its place with it.
SELECT n.index FROM log_node n
WHERE n.level = 0 AND NOT EXISTS (SELECT FROM log_place p WHERE p.leaf = n.index)
ORDER BY n.index LIMIT 1
