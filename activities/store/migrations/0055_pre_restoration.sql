-- What a restored backup lacked is put back exactly as it was first recorded: by the owner of the tables alone, and that it was stays on record.

CREATE OR REPLACE FUNCTION entry_must_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.position = 1 THEN
        IF NEW.prev <> decode(repeat('00', 32), 'hex') THEN
            RAISE EXCEPTION 'the first entry of a stream follows nothing' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF NOT EXISTS (SELECT FROM entry e WHERE e.stream = NEW.stream AND e.position = NEW.position - 1 AND e.hash = NEW.prev) THEN
        RAISE EXCEPTION 'position % does not follow the entry before it', NEW.position USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    -- An entry that is put back bears the instant at which it was recorded first. Only the table's owner may do that, and has to say so.
    IF NEW.recorded_at > clock_timestamp() OR (
        NEW.recorded_at < transaction_timestamp() AND NOT (
            coalesce(current_setting('offramp.restoring', true), '') = 'on'
            AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID)
        )
    ) THEN
        RAISE EXCEPTION 'recorded_at is not the clock of this database' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TABLE restoration (
    at          timestamptz PRIMARY KEY DEFAULT clock_timestamp(),
    restored_by text        NOT NULL CHECK (restored_by ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    size_before bigint      NOT NULL CHECK (size_before >= 0),
    size_after  bigint      NOT NULL CHECK (size_after >= size_before),
    entries     bigint      NOT NULL CHECK (entries >= 0),
    told        jsonb       NOT NULL CHECK (jsonb_typeof(told) = 'object')
);
COMMENT ON TABLE restoration IS
    'What was put back after a loss: by whom, how many entries the log had before and after, and in told, for each source, the positions of each stream.';

CREATE TRIGGER restoration_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON restoration
    FOR EACH STATEMENT EXECUTE FUNCTION deny_change();
ALTER TABLE restoration ENABLE ALWAYS TRIGGER restoration_is_never_changed;
GRANT SELECT ON restoration TO offramp_app;
