"""Filters, windows and pages are checked before the journal is asked."""

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from leadrelay.edges.grpc.filtering import LATEST, filter_violations, page_violations, read_filter
from leadrelay.journal.books import NEVER_ENDS
from leadrelay.journal.store import LeadFilter
from leadrelay.v1 import delivery_service_pb2 as pb
from leadrelay.v1.outcome_pb2 import OUTCOME_KIND_TIMEOUT, RESULT_ERROR
from values import LEAD_ID


def test_a_filter_says_what_its_message_says() -> None:
    message = pb.LeadFilter(
        lead_ids=[LEAD_ID],
        flow="loans",
        source="site",
        destination="crm",
        result=RESULT_ERROR,
        outcome=OUTCOME_KIND_TIMEOUT,
        since=Timestamp(seconds=5, nanos=7),
    )
    assert list(filter_violations(message)) == []
    assert read_filter(message) == LeadFilter(
        leads=(bytes.fromhex(LEAD_ID.replace("-", "")),),
        flow="loans",
        source="site",
        destination="crm",
        result="error",
        outcome="timeout",
        since=5_000_000_007,
    )
    assert read_filter(pb.LeadFilter()) == LeadFilter()


def test_a_moment_of_a_far_century_is_one_that_a_journal_can_be_asked_for() -> None:
    far = pb.LeadFilter(since=Timestamp(seconds=9_300_000_000), until=Timestamp(seconds=LATEST - 1))
    assert list(filter_violations(far)) == []
    wanted = read_filter(far)
    assert wanted.since == wanted.until == NEVER_ENDS


@pytest.mark.parametrize(
    ("message", "place"),
    [
        (pb.LeadFilter.FromString(b"\xa2\x06\x02CA"), "filter"),
        (pb.LeadFilter(lead_ids=["not one"]), "filter.lead_ids"),
        (pb.LeadFilter(lead_ids=[LEAD_ID] * 1001), "filter.lead_ids"),
        (pb.LeadFilter(flow="x" * 300), "filter.flow"),
        (pb.LeadFilter(result=99), "filter.result"),  # type: ignore[arg-type]
        (pb.LeadFilter(outcome=99), "filter.outcome"),  # type: ignore[arg-type]
        (pb.LeadFilter(open=True, result=RESULT_ERROR), "filter.open"),
        (pb.LeadFilter(since=Timestamp(seconds=-1)), "filter.since"),
        (pb.LeadFilter(since=Timestamp(seconds=9), until=Timestamp(seconds=9)), "filter.until"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_place(message: pb.LeadFilter, place: str) -> None:
    assert [where for where, _ in filter_violations(message)] == [place]


@pytest.mark.parametrize(
    ("size", "token", "places"),
    [(0, "", []), (1000, LEAD_ID, []), (1001, "", ["page_size"]), (1, "7", ["page_token"])],
)
def test_a_page_is_of_a_size_and_after_a_lead(size: int, token: str, places: list[str]) -> None:
    assert [where for where, _ in page_violations(size, token)] == places
