"""Speak one protocol each: compose a request, send it, and nothing of flows or retries."""
