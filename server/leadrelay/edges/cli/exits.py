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
    UNSEEN = 6
    INTERRUPTED = 130  # as of a process that Ctrl-C ended
    NO_READER = 141  # as of a process that a closed pipe ended; also where output cannot be written


class Stop(Exception):
    """The verb is over with an exit code; its words have been said."""

    def __init__(self, code: Exit) -> None:
        super().__init__(code)
        self.code = code


EXITS = """\
  0  accepted by at least one destination (by all that are required)
  1  rejected: everyone who was asked does not want it, or nobody was asked
  2  the command, the lead or the catalog is wrong; nothing was accepted
  3  not accepted, with a technical problem or a "not now" among the reasons
  4  unresolved: a recipient may have it and nobody can say
  5  the server cannot be reached, takes nothing now or failed; with a --request-id it is safe to repeat
  6  the server has the lead and delivers it, but its end was not seen here; see `leadrelay trace`
"""
ALSO = """\
  130  interrupted by Ctrl-C
  141  whoever read the output has gone, or it cannot be written"""
