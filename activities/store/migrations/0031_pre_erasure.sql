-- Erasure: what was approved by two people is forgotten for good; that it was, and who decided it, stays.
-- The application's role may not delete: these functions do, and only for a stream whose erasure is on record.

CREATE TABLE erasure (
    stream       text        PRIMARY KEY CHECK (stream ~ '^[a-z_]{1,32}/[0-9a-f-]{36}$'),
    position     bigint      NOT NULL CHECK (position >= 1),
    requested_by text        NOT NULL CHECK (requested_by ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    approved_by  text        NOT NULL CHECK (approved_by ~ '^[a-z0-9][a-z0-9._-]{0,63}$' AND approved_by <> requested_by),
    approved_at  timestamptz NOT NULL CHECK (isfinite(approved_at)),
    destroyed_at timestamptz CHECK (isfinite(destroyed_at)),
    forgotten_at timestamptz CHECK (isfinite(forgotten_at))
);
COMMENT ON TABLE erasure IS
    'The tombstone of a record: where its erasure was approved and by whom; when its key was destroyed; when Temporal had forgotten its histories.';

CREATE FUNCTION erasure_is_kept() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP <> 'UPDATE'
       OR ROW(NEW.stream, NEW.position, NEW.requested_by, NEW.approved_by, NEW.approved_at)
          IS DISTINCT FROM ROW(OLD.stream, OLD.position, OLD.requested_by, OLD.approved_by, OLD.approved_at)
       OR (OLD.destroyed_at IS NOT NULL AND NEW.destroyed_at IS DISTINCT FROM OLD.destroyed_at) THEN
        RAISE EXCEPTION 'a tombstone is never changed or deleted' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER erasure_is_kept BEFORE UPDATE OR DELETE ON erasure FOR EACH ROW EXECUTE FUNCTION erasure_is_kept();
CREATE TRIGGER erasure_is_never_emptied BEFORE TRUNCATE ON erasure FOR EACH STATEMENT EXECUTE FUNCTION deny_change();
ALTER TABLE erasure ENABLE ALWAYS TRIGGER erasure_is_kept;
ALTER TABLE erasure ENABLE ALWAYS TRIGGER erasure_is_never_emptied;

CREATE FUNCTION erase_texts(erased text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM erasure WHERE stream = erased) THEN
        RAISE EXCEPTION 'no erasure of this stream was approved' USING ERRCODE = 'insufficient_privilege';
    END IF;
    DELETE FROM name_index WHERE stream = erased;
    DELETE FROM vault WHERE stream = erased;
END
$$;
COMMENT ON FUNCTION erase_texts IS 'Destroys the sealed texts and the names of a stream whose erasure was approved.';

CREATE FUNCTION destroy_key(erased text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM erase_texts(erased);
    IF EXISTS (SELECT FROM log_waiting WHERE stream = erased) THEN
        RAISE EXCEPTION 'entries of this stream have no place in the log yet' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    DELETE FROM inbox WHERE stream = erased;
    DELETE FROM key WHERE stream = erased;
    UPDATE erasure SET destroyed_at = clock_timestamp() WHERE stream = erased AND destroyed_at IS NULL;
END
$$;
COMMENT ON FUNCTION destroy_key IS 'Destroys the key of a stream whose erasure was approved, once every entry of it has its place in the log. Entries, and their leaves, stay.';

REVOKE ALL ON FUNCTION erase_texts, destroy_key FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_texts, destroy_key TO offramp_app;
GRANT SELECT, INSERT ON erasure TO offramp_app;
GRANT UPDATE (forgotten_at) ON erasure TO offramp_app;
COMMENT ON TABLE log_place IS 'Which leaf an entry is. It stays after an erasure: without its key a leaf names nothing, and a missing entry still shows.';

DO $$
BEGIN
    -- From Postgres 17 on the application may have the table of keys rewritten, so that no page keeps what was deleted from it.
    IF current_setting('server_version_num')::int >= 170000 THEN
        EXECUTE 'GRANT MAINTAIN ON key TO offramp_app';
    END IF;
END
$$;
