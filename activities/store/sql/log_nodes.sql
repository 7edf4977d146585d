SELECT n.level, n.index, n.hash
FROM unnest($1::smallint[], $2::bigint[]) AS wanted (level, index)
JOIN log_node n USING (level, index)
