"""Carries leads: actors in nurseries, handed everything they talk to (design 2.2)."""
