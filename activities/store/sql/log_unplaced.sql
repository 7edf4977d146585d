-- A leaf that is no entry's: the entry that it was made of was removed, and its place with it.
SELECT n.index FROM log_node n
WHERE n.level = 0 AND NOT EXISTS (SELECT FROM log_place p JOIN entry e USING (stream, position) WHERE p.leaf = n.index)
ORDER BY n.index LIMIT 1
