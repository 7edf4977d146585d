-- Keys, sealed notes, and who read them. Erasure will destroy rows of "key" and "vault", never an entry.

CREATE TABLE key (
    stream     text        PRIMARY KEY CHECK (stream ~ '^[a-z_]{1,32}/[0-9a-f-]{36}$'),
    key_id     text        NOT NULL CHECK (key_id ~ '^[A-Za-z0-9:._/-]{1,200}$'),
    wrapped    bytea       NOT NULL CHECK (octet_length(wrapped) BETWEEN 40 AND 4096),
    commitment bytea       NOT NULL CHECK (octet_length(commitment) = 32),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE key IS 'The key of each stream, wrapped by the program key that key_id names. commitment: a digest that fixes which key it is.';

CREATE TABLE vault (
    note       uuid        PRIMARY KEY,
    stream     text        NOT NULL REFERENCES key (stream),
    author     text        NOT NULL CHECK (author ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    command_id text        CHECK (command_id ~ '^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$'),
    sealed     bytea       NOT NULL CHECK (octet_length(sealed) BETWEEN 29 AND 65564),
    sealed_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX vault_by_stream ON vault (stream);
COMMENT ON TABLE vault IS 'Free text, sealed under the key of its stream; everything else refers to it as note:<uuid>.';

CREATE TABLE access_log (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    note    uuid        NOT NULL,
    stream  text        NOT NULL,
    reader  text        NOT NULL CHECK (reader ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    purpose text        NOT NULL CHECK (purpose ~ '^[a-z][a-z0-9_]{0,63}$'),
    at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX access_log_by_stream ON access_log (stream, at);
COMMENT ON TABLE access_log IS 'Who read which note, when and what for: committed before the text is shown.';

CREATE TRIGGER access_log_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON access_log
    FOR EACH STATEMENT EXECUTE FUNCTION deny_change();
ALTER TABLE access_log ENABLE ALWAYS TRIGGER access_log_is_never_changed;

GRANT SELECT, INSERT ON key, vault, access_log TO offramp_app;
