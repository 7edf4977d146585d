-- ANALYZE copies a sample of each column into pg_statistic, where no erasure reaches: what is sealed, or opens what is sealed, is not sampled.

ALTER TABLE key ALTER COLUMN wrapped SET STATISTICS 0, ALTER COLUMN commitment SET STATISTICS 0;
ALTER TABLE name_index ALTER COLUMN tokens SET STATISTICS 0;
ALTER TABLE vault ALTER COLUMN sealed SET STATISTICS 0;
ALTER TABLE temporal_run ALTER COLUMN sealed SET STATISTICS 0;
ALTER TABLE staff ALTER COLUMN address SET STATISTICS 0;
ALTER TABLE entry ALTER COLUMN body SET STATISTICS 0;

-- What was sampled before; Postgres can do this from 18 on, and before that only a superuser.
DO $$
BEGIN
    IF current_setting('server_version_num')::int >= 180000 THEN
        PERFORM pg_clear_attribute_stats(current_schema(), "table", "column", false)
        FROM (VALUES
            ('key', 'wrapped'), ('key', 'commitment'), ('name_index', 'tokens'), ('vault', 'sealed'), ('temporal_run', 'sealed'), ('staff', 'address'), ('entry', 'body')
        ) AS sampled ("table", "column");
    END IF;
END
$$;
