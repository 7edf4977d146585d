-- The ledger and the published programs: written once, never changed, by whatever role.
-- The role offramp_app may add and read; the owner alone migrates; triggers deny the rest even to the owner.

CREATE TABLE entry (
    stream      text        NOT NULL CONSTRAINT entry_stream_is_an_id CHECK (stream ~ '^[a-z_]{1,32}/[0-9a-f-]{36}$'),
    position    bigint      NOT NULL CONSTRAINT entry_positions_begin_at_one CHECK (position >= 1),
    command_id  text        NOT NULL CONSTRAINT entry_command_is_an_id CHECK (command_id ~ '^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$'),
    type        text        NOT NULL CONSTRAINT entry_type_is_a_code CHECK (type ~ '^[a-z][a-z0-9_]{0,63}$'),
    at          timestamptz NOT NULL CONSTRAINT entry_at_is_an_instant CHECK (isfinite(at)),
    recorded_at timestamptz NOT NULL CONSTRAINT entry_recorded_at_is_an_instant CHECK (isfinite(recorded_at)),
    actor       text        NOT NULL CONSTRAINT entry_actor_is_an_id CHECK (actor ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    body        bytea       NOT NULL CONSTRAINT entry_body_is_sealed CHECK (octet_length(body) BETWEEN 28 AND 1048576),
    prev        bytea       NOT NULL CONSTRAINT entry_prev_is_sha256 CHECK (octet_length(prev) = 32),
    hash        bytea       NOT NULL CONSTRAINT entry_hash_is_sha256 CHECK (octet_length(hash) = 32),
    PRIMARY KEY (stream, position),
    CONSTRAINT entry_one_answer_per_command UNIQUE (stream, command_id)
);
COMMENT ON TABLE entry IS 'The one recorded answer to each command. body: sealed under the key of the stream. hash covers every column and the one before.';
COMMENT ON COLUMN entry.at IS 'The engine''s time: the only clock that rules see.';
COMMENT ON COLUMN entry.recorded_at IS 'This database''s clock: independent evidence.';

CREATE TABLE program_version (
    code         text        NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]{0,63}$'),
    version      text        NOT NULL CHECK (version ~ '^[0-9A-Za-z][0-9A-Za-z.-]{0,31}$'),
    sha256       text        NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    canonical    text        NOT NULL,
    source       text        NOT NULL,
    published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (code, version)
);
COMMENT ON TABLE program_version IS 'Published definitions: immutable, hashed over canonical, pinned by each case.';

CREATE FUNCTION deny_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION '% on % is denied: what was recorded is never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege', HINT = 'Record what is true now as a new command.';
END
$$;

CREATE TRIGGER entry_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION deny_change();
CREATE TRIGGER program_version_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON program_version
    FOR EACH STATEMENT EXECUTE FUNCTION deny_change();
-- Also in a session that plays a replica, which skips ordinary triggers.
ALTER TABLE entry ENABLE ALWAYS TRIGGER entry_is_never_changed;
ALTER TABLE program_version ENABLE ALWAYS TRIGGER program_version_is_never_changed;

-- An entry follows the one before it, and recorded_at is this database's clock, not the word of whoever writes.
CREATE FUNCTION entry_must_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.position = 1 THEN
        IF NEW.prev <> decode(repeat('00', 32), 'hex') THEN
            RAISE EXCEPTION 'the first entry of a stream follows nothing' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF NOT EXISTS (SELECT FROM entry e WHERE e.stream = NEW.stream AND e.position = NEW.position - 1 AND e.hash = NEW.prev) THEN
        RAISE EXCEPTION 'position % does not follow the entry before it', NEW.position USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.recorded_at < transaction_timestamp() OR NEW.recorded_at > clock_timestamp() THEN
        RAISE EXCEPTION 'recorded_at is not the clock of this database' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER entry_follows BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION entry_must_follow();

GRANT SELECT, INSERT ON entry, program_version TO offramp_app;
GRANT SELECT ON migration TO offramp_app;
