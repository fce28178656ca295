"""The picture of the journal: traces drawn from facts, behind a durable cursor (design 2.5)."""
