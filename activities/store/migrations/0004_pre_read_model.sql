-- What the command line shows. Every row follows from the ledger alone; "rebuild" empties these tables and folds again.

CREATE TABLE case_overview (
    stream        text        PRIMARY KEY,
    program       text        NOT NULL,
    version       text        NOT NULL,
    phase         text        NOT NULL,
    entered_at    timestamptz NOT NULL,
    support_level text        NOT NULL,
    lead          text        NOT NULL,
    position      bigint      NOT NULL,
    head          bytea       NOT NULL CHECK (octet_length(head) = 32),
    opened_at     timestamptz NOT NULL,
    closed_at     timestamptz,
    next_wake     timestamptz,
    updated_at    timestamptz NOT NULL
);
CREATE INDEX case_overview_by_lead ON case_overview (lead) WHERE closed_at IS NULL;
COMMENT ON COLUMN case_overview.updated_at IS 'at of the last entry: no clock but the ledger''s stands in this table.';

CREATE TABLE obligation (
    stream       text        NOT NULL,
    key          text        NOT NULL,
    opened_at    timestamptz NOT NULL,
    kind         text        NOT NULL,
    owner        text        NOT NULL,
    holder       text,
    due          timestamptz NOT NULL,
    derivation   text        NOT NULL,
    outcome      text        NOT NULL,
    climbed      integer     NOT NULL,
    silent       boolean     NOT NULL,
    next_at      timestamptz,
    closed_at    timestamptz,
    how          text,
    late_seconds bigint,
    position     bigint      NOT NULL,
    PRIMARY KEY (stream, key, position)
);
CREATE INDEX obligation_open_by_due ON obligation (due) WHERE closed_at IS NULL;
COMMENT ON COLUMN obligation.position IS 'Position of the entry that opened it: a key may be owed again after it was closed.';

CREATE TABLE review (
    stream       text        NOT NULL,
    id           integer     NOT NULL,
    to_phase     text        NOT NULL,
    panel        text        NOT NULL,
    requested_by text        NOT NULL,
    requested_at timestamptz NOT NULL,
    due          timestamptz,
    state        text        NOT NULL CHECK (state IN ('open', 'approved', 'rejected', 'superseded')),
    decided_at   timestamptz,
    votes        jsonb       NOT NULL,
    recused      text[]      NOT NULL,
    PRIMARY KEY (stream, id)
);
CREATE INDEX review_open ON review (due) WHERE decided_at IS NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON case_overview, obligation, review TO offramp_app;
