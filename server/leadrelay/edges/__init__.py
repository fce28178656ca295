"""The ways in: gRPC, the command line and the console.

An edge turns foreign words into core values and back. Nothing is decided here.
"""
