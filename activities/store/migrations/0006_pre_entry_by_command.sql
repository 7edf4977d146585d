-- The index of answered commands begins with the command, so that it never serves to find the entries of a stream: only the primary key does,
-- by position. While both began with the stream, a plan made when the table was small could read the whole stream at every command.

ALTER TABLE entry
    DROP CONSTRAINT entry_one_answer_per_command,
    ADD CONSTRAINT entry_one_answer_per_command UNIQUE (command_id, stream);
