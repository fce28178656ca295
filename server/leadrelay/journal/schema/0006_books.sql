-- What is asked of many leads at once. It follows the facts behind a cursor and can be made from them again.
ALTER TABLE leads ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE leads ADD COLUMN again_of BLOB;  -- the lead that this one repeats; NULL: none
UPDATE leads SET source = coalesce(
    (SELECT json_extract(body, '$.lead.source') FROM facts WHERE facts.lead = leads.lead AND number = 1), ''
);
CREATE INDEX leads_again ON leads (again_of) WHERE again_of IS NOT NULL;
CREATE INDEX leads_not_sold ON leads (result, lead) WHERE result <> 'success';

-- Each delivery as it ended, or was resolved since.
CREATE TABLE deliveries (
    lead        BLOB    NOT NULL,
    delivery    TEXT    NOT NULL,
    destination TEXT    NOT NULL,
    flow        TEXT    NOT NULL,
    source      TEXT    NOT NULL,
    outcome     TEXT    NOT NULL,
    code        TEXT,
    arrived     TEXT    NOT NULL,
    is_ping     INTEGER NOT NULL,
    price       TEXT,              -- a decimal number
    currency    TEXT    NOT NULL,
    ended_at    INTEGER NOT NULL,
    PRIMARY KEY (lead, delivery)
) WITHOUT ROWID;
CREATE INDEX deliveries_by_end ON deliveries (ended_at);
CREATE INDEX deliveries_by_outcome ON deliveries (destination, outcome, lead);

-- Each attempt that ended.
CREATE TABLE attempts (
    seq         INTEGER PRIMARY KEY,  -- of its fact
    destination TEXT    NOT NULL,
    flow        TEXT    NOT NULL,
    source      TEXT    NOT NULL,
    ended_at    INTEGER NOT NULL,
    took        INTEGER               -- nanoseconds until the answer; NULL: there was none
);
CREATE INDEX attempts_by_end ON attempts (ended_at);
