SELECT p.leaf, encode(n.hash, 'hex'), to_jsonb(e)
FROM log_place p
JOIN log_node n ON n.level = 0 AND n.index = p.leaf
JOIN entry e ON e.stream = p.stream AND e.position = p.position
WHERE p.leaf >= $1 AND p.leaf < $2
ORDER BY p.leaf
