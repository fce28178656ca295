-- A lead of which nothing is under way rests until a moment, and is then found by it.
ALTER TABLE leads ADD COLUMN due_at INTEGER;  -- nanoseconds since the epoch; NULL: not parked
CREATE INDEX leads_due ON leads (due_at, lead) WHERE due_at IS NOT NULL;
DROP INDEX leads_unsettled;
CREATE INDEX leads_open ON leads (lead) WHERE settled_at IS NULL AND due_at IS NULL;
