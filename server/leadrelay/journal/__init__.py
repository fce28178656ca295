"""Facts in order, durable before they are told: group commit over a store (design 2.4)."""
