-- Parked deliveries that wait for a place under a cap, which may come free before they are due.
CREATE TABLE cap_waits (
    lead     BLOB NOT NULL,
    delivery TEXT NOT NULL,
    cap      TEXT NOT NULL,  -- `destination/name/period`
    PRIMARY KEY (lead, delivery)
) WITHOUT ROWID;
CREATE INDEX cap_waits_in_line ON cap_waits (cap, lead, delivery);
