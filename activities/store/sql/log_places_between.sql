SELECT p.position, p.leaf, n.hash
FROM log_place p JOIN log_node n ON n.level = 0 AND n.index = p.leaf
WHERE p.stream = $1 AND p.position > $2 AND p.position <= $3
ORDER BY p.position
