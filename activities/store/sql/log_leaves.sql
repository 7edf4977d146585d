-- Typed, since a small number is sent as a small integer, and the sum of two may be none: a log of 32,768 leaves could not be read.
SELECT hash FROM log_node WHERE level = 0 AND index >= $1::bigint AND index < $1::bigint + $2::bigint ORDER BY index
