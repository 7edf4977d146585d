-- What witnesses answered: that a checkpoint goes on from all that they saw of the log before.

CREATE TABLE cosignature (
    size    bigint      NOT NULL REFERENCES checkpoint (size),
    witness text        NOT NULL CHECK (witness ~ '^[^[:space:]+]{1,200}$'),
    line    text        NOT NULL CHECK (octet_length(line) <= 4096),
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (size, witness)
);
COMMENT ON TABLE cosignature IS 'A line for the note of the checkpoint: the signature of an outside witness, under its own key.';

CREATE TRIGGER cosignature_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON cosignature
    FOR EACH STATEMENT EXECUTE FUNCTION deny_change();
ALTER TABLE cosignature ENABLE ALWAYS TRIGGER cosignature_is_never_changed;

GRANT SELECT, INSERT ON cosignature TO offramp_app;
