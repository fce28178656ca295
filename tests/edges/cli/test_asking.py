"""What a server refuses is a sentence and an exit code that a script can act on."""

import grpc
import pytest

from leadrelay.edges.cli.asking import asking
from leadrelay.edges.cli.exits import Exit, Stop
from leadrelay_client import (
    AlreadyExists,
    DeadlineExceeded,
    FailedPrecondition,
    InvalidArgument,
    LeadrelayError,
    NotFound,
    Overloaded,
    PermissionDenied,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unimplemented,
)

NOWHERE = "127.0.0.1:9"


def ended(error: Exception) -> Exit:
    with pytest.raises(Stop) as stop, asking(NOWHERE):
        raise error
    return stop.value.code


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (InvalidArgument, Exit.USAGE),
        (NotFound, Exit.USAGE),
        (AlreadyExists, Exit.USAGE),
        (FailedPrecondition, Exit.USAGE),
        (TooLarge, Exit.USAGE),
        (Unauthenticated, Exit.USAGE),
        (PermissionDenied, Exit.USAGE),
        (Unimplemented, Exit.USAGE),
        (Unavailable, Exit.UNAVAILABLE),
        (Overloaded, Exit.UNAVAILABLE),
        (DeadlineExceeded, Exit.UNAVAILABLE),
        (LeadrelayError, Exit.UNAVAILABLE),
    ],
)
def test_a_refusal_is_the_callers_mistake_or_the_servers_trouble(
    kind: type[LeadrelayError], code: Exit, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(kind("some words", code=grpc.StatusCode.UNKNOWN)) is code
    assert "some words" in capsys.readouterr().err


@pytest.mark.parametrize("kind", [Unavailable, DeadlineExceeded, LeadrelayError])
def test_who_was_accepted_before_the_trouble_is_never_told_that_nothing_was(
    kind: type[LeadrelayError], capsys: pytest.CaptureFixture[str]
) -> None:
    """A script that repeats it would sell the lead twice."""
    error = kind("the connection is lost", code=grpc.StatusCode.UNAVAILABLE)
    error.lead_id = "01935f00-0000-7000-8000-000000000001"
    assert ended(error) is Exit.UNSEEN
    assert error.lead_id in capsys.readouterr().err


def test_what_cannot_be_sent_at_all_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(ValueError("field a is not a finite number")) is Exit.USAGE
    assert "field a" in capsys.readouterr().err
    with pytest.raises(Stop) as stop, asking("http://127.0.0.1:9"):
        pass
    assert stop.value.code is Exit.USAGE
    assert "host:port" in capsys.readouterr().err
