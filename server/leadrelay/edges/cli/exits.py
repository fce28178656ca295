"""Exit codes: what a script can act on without reading a word."""

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of every verb."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    ERROR = 3
    UNRESOLVED = 4
    UNAVAILABLE = 5
    INTERRUPTED = 130


EXITS = """\
  0  accepted by at least one destination (by all that are required)
  1  rejected: everyone who was asked does not want it, or nobody was asked
  2  the command, the lead or the catalog is wrong; nothing was accepted
  3  not accepted, with a technical problem or a "not now" among the reasons
  4  unresolved: a recipient may have it and nobody can say
  5  the server cannot be reached or takes nothing now; nothing was accepted"""
