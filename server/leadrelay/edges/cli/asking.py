"""What the verbs that ask a server have in common: the connection, and its failures in words."""

from collections.abc import Iterator
from contextlib import contextmanager

from leadrelay.edges.cli.advice import advice
from leadrelay.edges.cli.exits import Exit, Stop
from leadrelay.edges.cli.saying import say
from leadrelay.edges.cli.way import Way
from leadrelay_client import (
    AlreadyExists,
    Client,
    FailedPrecondition,
    InvalidArgument,
    LeadrelayError,
    NotFound,
    PermissionDenied,
    TooLarge,
    Unauthenticated,
    Unimplemented,
)

PATIENCE = 5.0  # seconds for which a lost connection is taken up again

# What the caller has to change before it can go better. Everything else is the server's trouble.
MISTAKES = (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    TooLarge,
    Unauthenticated,
    Unimplemented,
)


@contextmanager
def asking(server: Way | str) -> Iterator[Client]:
    """A client of `server`. What it refuses is said on standard error and ends the verb by Stop."""
    way = Way(server) if isinstance(server, str) else server
    try:
        tls = way.tls()
        with Client(way.target, api_key=way.api_key(), tls=tls, resume_within=PATIENCE) as client:
            yield client
    except MISTAKES as error:
        say(_with_advice(str(error), error))
        raise Stop(Exit.USAGE) from error
    except LeadrelayError as error:
        say(_with_advice(f"{server}: {error}", error))
        raise Stop(Exit.UNSEEN if error.lead_id else Exit.UNAVAILABLE) from error
    except ValueError as error:
        say(str(error))
        raise Stop(Exit.USAGE) from error


def _with_advice(words: str, error: LeadrelayError) -> str:
    remark = advice(error)
    return f"{words}\n{remark}" if remark else words
