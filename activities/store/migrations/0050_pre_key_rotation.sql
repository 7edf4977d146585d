-- Rotation of the program key: the owner of the tables wraps keys anew. Which key a stream has never changes, only what wraps it.

CREATE FUNCTION key_is_only_wrapped_anew() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF ROW(NEW.stream, NEW.commitment, NEW.created_at) IS DISTINCT FROM ROW(OLD.stream, OLD.commitment, OLD.created_at) THEN
        RAISE EXCEPTION 'the key of a stream is never another one' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER key_is_only_wrapped_anew BEFORE UPDATE ON key FOR EACH ROW EXECUTE FUNCTION key_is_only_wrapped_anew();
CREATE INDEX key_by_wrapping ON key (key_id);

CREATE TABLE key_operation (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    act    text        NOT NULL CHECK (act IN ('rotation_begun', 'rotation_finished')),
    key_id text        NOT NULL CHECK (key_id ~ '^[A-Za-z0-9:._/-]{1,200}$'),
    keys   bigint      NOT NULL CHECK (keys >= 0),
    person text        NOT NULL CHECK (person ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE key_operation IS
    'Who rotated the program key, when, and to which: keys says how many there were to wrap anew (begun), and how many this run did (finished).';

CREATE TRIGGER key_operation_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON key_operation
    FOR EACH STATEMENT EXECUTE FUNCTION deny_change();
ALTER TABLE key_operation ENABLE ALWAYS TRIGGER key_operation_is_never_changed;

-- The application reads it alone: whoever takes over a worker can neither overwrite a key nor claim a rotation.
GRANT SELECT ON key_operation TO offramp_app;
