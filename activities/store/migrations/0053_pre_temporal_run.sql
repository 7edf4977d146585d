-- Histories of workflow runs that have ended: Temporal deletes its own after the retention of its namespace, while the case goes on for years.

CREATE TABLE temporal_run (
    stream     text        NOT NULL REFERENCES key (stream) ON DELETE CASCADE,
    run_id     text        NOT NULL CHECK (run_id ~ '^[0-9a-f-]{36}$'),
    status     text        NOT NULL CHECK (status IN ('completed', 'failed', 'canceled', 'terminated', 'timed_out', 'continued_as_new')),
    events     integer     NOT NULL CHECK (events >= 1),
    began      timestamptz NOT NULL CHECK (isfinite(began)),
    ended      timestamptz NOT NULL CHECK (isfinite(ended)),
    sha256     bytea       NOT NULL CHECK (octet_length(sha256) = 32),
    sealed     bytea       NOT NULL CHECK (octet_length(sealed) >= 29),
    kept_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    settled_at timestamptz CHECK (isfinite(settled_at)),
    PRIMARY KEY (stream, run_id)
);
CREATE INDEX temporal_run_unsettled ON temporal_run (ended) WHERE settled_at IS NULL;
-- It was compressed before it was sealed, and cannot be made smaller.
ALTER TABLE temporal_run ALTER COLUMN sealed SET STORAGE EXTERNAL;
COMMENT ON TABLE temporal_run IS
    'The history of each run that has ended, compressed and sealed under the key of its stream; with that key it goes. sha256: of the history itself, as the ledger names it.';
COMMENT ON COLUMN temporal_run.settled_at IS 'When its digest stood in the ledger, and the running workflow had been told. Nothing else of a row changes.';

CREATE FUNCTION temporal_run_is_kept() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM key WHERE stream = OLD.stream) THEN
        RETURN OLD; -- erased with the key
    END IF;
    IF TG_OP <> 'UPDATE'
       OR ROW(NEW.stream, NEW.run_id, NEW.status, NEW.events, NEW.began, NEW.ended, NEW.sha256, NEW.sealed, NEW.kept_at)
          IS DISTINCT FROM ROW(OLD.stream, OLD.run_id, OLD.status, OLD.events, OLD.began, OLD.ended, OLD.sha256, OLD.sealed, OLD.kept_at)
       OR OLD.settled_at IS NOT NULL THEN
        RAISE EXCEPTION 'the history of a run is never changed or deleted' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER temporal_run_is_kept BEFORE UPDATE OR DELETE ON temporal_run FOR EACH ROW EXECUTE FUNCTION temporal_run_is_kept();
CREATE TRIGGER temporal_run_is_never_emptied BEFORE TRUNCATE ON temporal_run FOR EACH STATEMENT EXECUTE FUNCTION deny_change();
ALTER TABLE temporal_run ENABLE ALWAYS TRIGGER temporal_run_is_kept;
ALTER TABLE temporal_run ENABLE ALWAYS TRIGGER temporal_run_is_never_emptied;

GRANT SELECT, INSERT ON temporal_run TO offramp_app;
GRANT UPDATE (settled_at) ON temporal_run TO offramp_app;
