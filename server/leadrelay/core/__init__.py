"""Pure values and decisions: no I/O, no clock, no randomness. What needs the time or an id is handed it."""
