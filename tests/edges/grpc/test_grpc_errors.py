"""A refusal carries what a program can act on, and stays small (behaviour 8)."""

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo  # type: ignore[import-untyped]

from leadrelay.core.errors import JournalError
from leadrelay.edges.grpc import errors
from leadrelay.edges.grpc.bridge import Abort
from leadrelay.edges.grpc.bridge.status import DOMAIN, MAX_MESSAGE_BYTES
from values import LEAD_ID

Code = grpc.StatusCode


@pytest.mark.parametrize(
    ("refusal", "code", "reason", "words"),
    [
        (errors.unknown_flow("lons", ["loans"]), Code.NOT_FOUND, "FLOW_NOT_FOUND", "did you mean 'loans'"),
        (errors.unknown_flow("x", ["b", "a"]), Code.NOT_FOUND, "FLOW_NOT_FOUND", "has a, b"),
        (errors.unknown_flow("x", []), Code.NOT_FOUND, "FLOW_NOT_FOUND", "leadrelay apply"),
        (errors.unknown_destination("cr", ["crm"]), Code.NOT_FOUND, "DESTINATION_NOT_FOUND", "'crm'"),
        (errors.unknown_lead("x"), Code.NOT_FOUND, "LEAD_NOT_FOUND", "'x'"),
        (errors.unknown_catalog(9, 3), Code.NOT_FOUND, "CATALOG_NOT_FOUND", "in force is 3"),
        (errors.conflict(LEAD_ID), Code.ALREADY_EXISTS, "REQUEST_ID_CONFLICT", LEAD_ID),
        (errors.precondition("first this", "WHY"), Code.FAILED_PRECONDITION, "WHY", "first this"),
        (errors.unknown_secret("k", []), Code.NOT_FOUND, "SECRET_NOT_FOUND", "no secret k"),
        (errors.secret_in_use("k", ["crm"]), Code.FAILED_PRECONDITION, "SECRET_IN_USE", "by crm"),
    ],
)
def test_a_refusal_has_a_code_a_reason_and_words(refusal: Abort, code: Code, reason: str, words: str) -> None:
    (info,) = refusal.details
    assert refusal.code is code
    assert isinstance(info, ErrorInfo)
    assert (info.reason, info.domain) == (reason, DOMAIN)
    assert words in refusal.message


@pytest.mark.parametrize(
    ("refusal", "code", "reason", "seconds", "words"),
    [
        (errors.overloaded("full", 1.5), Code.RESOURCE_EXHAUSTED, "OVERLOADED", 1.5, "nothing was accepted"),
        (errors.draining("stopping", 1), Code.UNAVAILABLE, "DRAINING", 1, "nothing was accepted"),
        (
            errors.journal_failed(JournalError("disk full"), "the lead goes on"),
            Code.UNAVAILABLE,
            "JOURNAL_UNAVAILABLE",
            1,
            "disk full; the lead goes on",
        ),
        (errors.not_taken_up(LEAD_ID), Code.UNAVAILABLE, "NOT_TAKEN_UP", 1, "nothing was changed"),
    ],
)
def test_what_may_go_better_later_says_when(
    refusal: Abort, code: Code, reason: str, seconds: float, words: str
) -> None:
    info, retry = refusal.details
    assert refusal.code is code
    assert isinstance(info, ErrorInfo)
    assert isinstance(retry, RetryInfo)
    assert info.reason == reason
    assert retry.retry_delay.ToNanoseconds() == round(seconds * 1e9)
    assert words in refusal.message


def test_a_name_of_any_length_is_answered_shortly() -> None:
    endless = "x" * 4_000_000
    for refusal in (errors.unknown_flow(endless, ["loans"]), errors.unknown_lead(endless)):
        assert len(refusal.message.encode()) < MAX_MESSAGE_BYTES
        assert "loans" in refusal.message or "accepted" in refusal.message


def test_a_defect_of_ours_tells_nothing() -> None:
    assert (errors.internal().code, errors.internal().message) == (Code.INTERNAL, "internal error")


def test_among_other_answers_a_refusal_keeps_its_details() -> None:
    """A caller of DeliverMany waits as long as one of Deliver, and reads the same reason."""
    refusal = errors.as_refusal(errors.overloaded("2 leads are under way", 1.5))
    info, retry = ErrorInfo(), RetryInfo()
    assert [detail.Unpack(each) for detail, each in zip(refusal.details, (info, retry), strict=True)] == [
        True,
        True,
    ]
    assert (refusal.code, info.reason) == (Code.RESOURCE_EXHAUSTED.value[0], "OVERLOADED")
    assert retry.retry_delay.ToMilliseconds() == 1500
