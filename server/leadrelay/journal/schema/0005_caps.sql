-- Places under caps that are held for a delivery: from its AttemptStarted until its outcome is known.
CREATE TABLE cap_places (
    lead     BLOB    NOT NULL,
    delivery TEXT    NOT NULL,
    cap      TEXT    NOT NULL,  -- `destination/name/period`
    period   TEXT    NOT NULL,  -- such as 2026-11-30
    ends_at  INTEGER NOT NULL,  -- nanoseconds since the epoch
    money    TEXT,              -- set aside for it, a decimal; NULL: the cap counts none
    currency TEXT    NOT NULL,
    price    TEXT,              -- what a sale costs where the reply names no price
    PRIMARY KEY (lead, delivery, cap)
) WITHOUT ROWID;

-- What was sold under each cap in each period.
CREATE TABLE cap_counts (
    cap     TEXT    NOT NULL,
    period  TEXT    NOT NULL,
    ends_at INTEGER NOT NULL,
    sold    INTEGER NOT NULL,
    spent   TEXT    NOT NULL,  -- a decimal, in the cap's own currency
    PRIMARY KEY (cap, period)
) WITHOUT ROWID;
