-- One log over all streams: a Merkle tree (RFC 9162) whose leaves are keyed tags, so that a leaf names nobody without the key of its stream.
-- Entries wait here until one sequencer gives them their places; what has a place in the log never changes.

CREATE TABLE log_waiting (
    stream   text   NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (stream, position)
);
COMMENT ON TABLE log_waiting IS 'Entries that have no place in the log yet: filled by a trigger in the transaction that appends, emptied by the sequencer.';

CREATE FUNCTION entry_waits_for_the_log() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO log_waiting VALUES (NEW.stream, NEW.position);
    RETURN NULL;
END
$$;
CREATE TRIGGER entry_waits AFTER INSERT ON entry FOR EACH ROW EXECUTE FUNCTION entry_waits_for_the_log();
INSERT INTO log_waiting SELECT stream, position FROM entry;

CREATE TABLE log_node (
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 62),
    index bigint   NOT NULL CHECK (index >= 0),
    hash  bytea    NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (level, index)
);
COMMENT ON TABLE log_node IS 'Hashes of the perfect subtrees of 2^level leaves; those of level 0 are the leaves. They name nobody.';

CREATE TABLE log_place (
    stream   text   NOT NULL,
    position bigint NOT NULL,
    leaf     bigint NOT NULL UNIQUE,
    PRIMARY KEY (stream, position)
);
COMMENT ON TABLE log_place IS 'Which leaf an entry is. Erasure will destroy rows of this table, never a node.';

CREATE TABLE checkpoint (
    size bigint      PRIMARY KEY CHECK (size >= 1),
    root bytea       NOT NULL CHECK (octet_length(root) = 32),
    note text        NOT NULL,
    at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE checkpoint IS 'Signed checkpoints of the log, as C2SP signed notes: whoever holds one can prove what was rewritten since.';

CREATE TRIGGER log_node_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON log_node
    FOR EACH STATEMENT EXECUTE FUNCTION deny_change();
CREATE TRIGGER checkpoint_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION deny_change();
ALTER TABLE log_node ENABLE ALWAYS TRIGGER log_node_is_never_changed;
ALTER TABLE checkpoint ENABLE ALWAYS TRIGGER checkpoint_is_never_changed;

GRANT SELECT, INSERT ON log_node, log_place, checkpoint TO offramp_app;
GRANT SELECT, DELETE ON log_waiting TO offramp_app;
