-- What is done to people and shared about them, as rows for those who watch over it. They follow from the ledger alone, as all of the read model;
-- 'offramp rebuild' fills them for the cases that were recorded before these tables stood.

CREATE TABLE adverse_act (
    stream        text        NOT NULL,
    id            integer     NOT NULL,
    kind          text        NOT NULL,
    subject       text        NOT NULL,
    proposed_by   text        NOT NULL,
    proposed_at   timestamptz NOT NULL,
    stage         text        NOT NULL,
    hearing_until timestamptz,
    appeal_until  timestamptz,
    awaits        text,
    ended_at      timestamptz,
    PRIMARY KEY (stream, id)
);
CREATE INDEX adverse_act_open ON adverse_act (stream) WHERE ended_at IS NULL;
COMMENT ON COLUMN adverse_act.awaits IS 'Key of the obligation that the act waits for now: a service, a decision, its being carried out.';

CREATE TABLE measure (
    stream    text        NOT NULL,
    source    text        NOT NULL CHECK (source IN ('measure', 'danger')),
    id        integer     NOT NULL,
    content   text        NOT NULL,
    mode      text        NOT NULL CHECK (mode IN ('mandated', 'voluntary', 'danger')),
    began_at  timestamptz NOT NULL,
    until     timestamptz NOT NULL,
    renewals  integer     NOT NULL,
    reviews   integer     NOT NULL,
    ended_at  timestamptz,
    how       text,
    PRIMARY KEY (stream, source, id)
);
CREATE INDEX measure_in_force ON measure (until) WHERE ended_at IS NULL;
COMMENT ON COLUMN measure.source IS 'Measures and acts in danger are numbered apart; both restrict from the instant at which they began.';

CREATE TABLE disclosure (
    stream         text        NOT NULL,
    id             integer     NOT NULL,
    partner        text        NOT NULL,
    recipient      text        NOT NULL,
    purpose        text        NOT NULL,
    fields         text[]      NOT NULL,
    basis          text        NOT NULL,
    requested_by   text        NOT NULL,
    requested_at   timestamptz NOT NULL,
    state          text        NOT NULL CHECK (state IN ('requested', 'made', 'declined', 'stopped')),
    approved_by    text,
    decided_at     timestamptz,
    tell_from      timestamptz,
    told_at        timestamptz,
    corrections    integer[]   NOT NULL,
    PRIMARY KEY (stream, id)
);
CREATE INDEX disclosure_untold ON disclosure (tell_from) WHERE state = 'requested' OR (state = 'made' AND told_at IS NULL);
COMMENT ON COLUMN disclosure.corrections IS 'Numbers of the corrections that the recipient has not been told of yet.';

CREATE TABLE hold (
    stream       text        NOT NULL,
    source       text        NOT NULL CHECK (source IN ('pause', 'legal_hold')),
    id           integer     NOT NULL,
    kind         text,
    requested_by text,
    since        timestamptz NOT NULL,
    began_at     timestamptz,
    until        timestamptz NOT NULL,
    ended_at     timestamptz,
    how          text,
    PRIMARY KEY (stream, source, id)
);
CREATE INDEX hold_open ON hold (until) WHERE ended_at IS NULL;

CREATE TABLE access_request (
    stream       text        NOT NULL,
    id           integer     NOT NULL,
    requested_at timestamptz NOT NULL,
    answered_at  timestamptz,
    answer       text,
    PRIMARY KEY (stream, id)
);
CREATE INDEX access_request_open ON access_request (requested_at) WHERE answered_at IS NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON adverse_act, measure, disclosure, hold, access_request TO offramp_app;
