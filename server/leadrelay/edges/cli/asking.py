"""What the verbs that ask a server have in common: the connection, and its failures in words."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from leadrelay.edges.cli.exits import Exit
from leadrelay_client import Client, LeadrelayError, Overloaded, Unavailable


class Stop(Exception):
    """The verb is over with an exit code; its words have been said."""

    def __init__(self, code: Exit) -> None:
        super().__init__(code)
        self.code = code


@contextmanager
def asking(server: str) -> Iterator[Client]:
    """A client of `server`. What it refuses is said on standard error and ends the verb by Stop."""
    try:
        with Client(server, resume_within=5.0) as client:
            yield client
    except (Unavailable, Overloaded) as error:
        say(f"{server}: {error}")
        raise Stop(Exit.UNAVAILABLE) from error
    except LeadrelayError as error:
        say(str(error))
        raise Stop(Exit.USAGE) from error
    except ValueError as error:
        say(str(error))
        raise Stop(Exit.USAGE) from error


def say(words: str) -> None:
    """A remark, for people."""
    print(words, file=sys.stderr)
