-- Who works here, from when until when; and the messages that wait for them.

CREATE TABLE staff (
    person       text        NOT NULL CHECK (person ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    valid_from   timestamptz NOT NULL CHECK (isfinite(valid_from)),
    valid_until  timestamptz CHECK (isfinite(valid_until) AND valid_until > valid_from),
    roles        text[]      NOT NULL CHECK (cardinality(roles) BETWEEN 1 AND 64),
    organization text        CHECK (organization ~ '^[a-z][a-z0-9_]{0,63}$'),
    language     text        NOT NULL CHECK (language ~ '^[a-z]{2,3}(-[A-Z]{2})?$'),
    channel      text        NOT NULL CHECK (channel IN ('inbox', 'smtp', 'webhook')),
    address      bytea       CHECK (octet_length(address) BETWEEN 29 AND 4096),
    PRIMARY KEY (person, valid_from)
);
CREATE INDEX staff_by_role ON staff USING gin (roles);
COMMENT ON TABLE staff IS 'Appointments: who held which roles, from valid_from (inclusive) until valid_until (exclusive; null: open). Ended, never deleted.';

CREATE TABLE inbox (
    stream   text        NOT NULL,
    key      text        NOT NULL CHECK (key ~ '^[0-9]{1,12}/[0-9]{1,6}$'),
    person   text        NOT NULL CHECK (person ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    template text        NOT NULL CHECK (template ~ '^[a-z][a-z0-9_]{0,63}$'),
    params   jsonb       NOT NULL,
    link     text        NOT NULL CHECK (length(link) <= 2000),
    put_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (stream, key, person)
);
CREATE INDEX inbox_by_person ON inbox (person, put_at);
COMMENT ON TABLE inbox IS 'Messages of the channel "inbox": codes and references, never content of a case.';

GRANT SELECT, INSERT ON staff, inbox TO offramp_app;
-- An appointment may be ended and its contact details kept current; roles and their beginning stand.
GRANT UPDATE (valid_until, language, channel, address) ON staff TO offramp_app;
