"""Proofs of who we are, added to a request as the last thing before it leaves (behaviour 4.2)."""
