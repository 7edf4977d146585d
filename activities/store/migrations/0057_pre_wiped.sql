-- That a key is deleted is not enough: its page is rewritten too. Whether that is done stands on record, so that whoever dies in between is made good.

ALTER TABLE erasure ADD COLUMN wiped_at timestamptz CHECK (isfinite(wiped_at));
COMMENT ON COLUMN erasure.wiped_at IS 'Since when no page of the tables of keys and names holds what was deleted from them for this erasure; null: not yet.';
GRANT UPDATE (wiped_at) ON erasure TO offramp_app;

DO $$
BEGIN
    IF current_setting('server_version_num')::int >= 170000 THEN
        EXECUTE 'GRANT MAINTAIN ON name_index TO offramp_app';
    END IF;
END
$$;
