-- Where a case opened for somebody whom the program knows already is noticed: a sealed note with the names, and keyed tokens to find it by.

CREATE TABLE name_index (
    stream text      PRIMARY KEY REFERENCES key (stream),
    note   uuid      NOT NULL REFERENCES vault (note),
    tokens integer[] NOT NULL CHECK (cardinality(tokens) BETWEEN 1 AND 256)
);
CREATE INDEX name_index_by_token ON name_index USING gin (tokens);
COMMENT ON TABLE name_index IS 'tokens: 16 bits each of keyed digests of phonetic codes, padded at random; no name can be read from them. Erasure deletes the row.';

GRANT SELECT, INSERT, DELETE ON name_index TO offramp_app;
