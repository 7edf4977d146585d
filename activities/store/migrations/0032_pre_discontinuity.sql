-- Where the ledger was restored from a copy that had lost something, and two people let it go on all the same: on record, signed, for good.

CREATE TABLE discontinuity (
    kept        bigint      NOT NULL CHECK (kept >= 1),
    kept_root   bytea       NOT NULL CHECK (octet_length(kept_root) = 32),
    now         bigint      NOT NULL CHECK (now >= 0),
    now_root    bytea       NOT NULL CHECK (octet_length(now_root) IN (0, 32)),
    declared_by text        NOT NULL CHECK (declared_by ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    approved_by text        NOT NULL CHECK (approved_by ~ '^[a-z0-9][a-z0-9._-]{0,63}$' AND approved_by <> declared_by),
    at          timestamptz NOT NULL CHECK (isfinite(at)),
    note        text        NOT NULL,
    PRIMARY KEY (kept, now, at)
);
COMMENT ON TABLE discontinuity IS 'A checkpoint that was kept outside, and the log that did not go on from it: how many entries each had, and who decided to go on.';

CREATE TRIGGER discontinuity_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON discontinuity
    FOR EACH STATEMENT EXECUTE FUNCTION deny_change();
ALTER TABLE discontinuity ENABLE ALWAYS TRIGGER discontinuity_is_never_changed;
GRANT SELECT, INSERT ON discontinuity TO offramp_app;
