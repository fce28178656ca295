"""The bench behind `make bench`: load from outside, parts one by one, a ledger that must close."""
