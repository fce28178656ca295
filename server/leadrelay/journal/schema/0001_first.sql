-- One line per fact, in the order in which they became durable. Lines are never changed or removed.
CREATE TABLE facts (
    seq    INTEGER PRIMARY KEY,  -- the place among all facts; readers with a cursor follow it
    lead   BLOB    NOT NULL,     -- the 16 bytes of the lead's id
    number INTEGER NOT NULL,     -- the place within the lead: 1, 2, 3 without a gap
    at     INTEGER NOT NULL,     -- nanoseconds since the epoch
    kind   TEXT    NOT NULL,
    body   TEXT    NOT NULL      -- JSON
);
CREATE UNIQUE INDEX facts_by_lead ON facts (lead, number);

-- What is asked of leads without reading their facts.
CREATE TABLE leads (
    lead            BLOB    PRIMARY KEY,
    request_id      TEXT    NOT NULL,  -- empty: the caller gave none
    digest          TEXT    NOT NULL,
    flow            TEXT    NOT NULL,
    catalog_version INTEGER NOT NULL,
    received_at     INTEGER NOT NULL,
    settled_at      INTEGER,           -- NULL: not settled
    result          TEXT
) WITHOUT ROWID;
CREATE UNIQUE INDEX leads_by_request ON leads (request_id) WHERE request_id <> '';
CREATE INDEX leads_unsettled ON leads (lead) WHERE settled_at IS NULL;

-- How far each reader of all facts has come.
CREATE TABLE cursors (
    name TEXT    PRIMARY KEY,
    seq  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE catalogs (
    version INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    body    BLOB    NOT NULL
);
