INSERT INTO vault (note, stream, author, command_id, sealed)
VALUES ($1, $2, $3, $4, $5)
