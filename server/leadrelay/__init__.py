"""leadrelay: hands each lead to every destination that should have it, and can say what became of it."""

__version__ = "0.1.0"
