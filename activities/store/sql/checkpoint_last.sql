SELECT size, root, note, at FROM checkpoint ORDER BY size DESC LIMIT 1
