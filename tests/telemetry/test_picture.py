"""A lead is drawn fact by fact, and the same after any restart (design 2.5)."""

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from leadrelay.core import trace
from leadrelay.core.lead import TraceContext
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode, Result
from leadrelay.telemetry.picture import Picture, restored
from telemetry.drawn import drawn
from telemetry.story import ACCEPTED, REJECTED, UNANSWERED, YES, Story, at, sold
from values import LEAD_ID, MOMENT

LATER = Outcome(kind=Kind.SOFT_REJECT, code=ReasonCode.UNAVAILABLE, words="try later")


def retried() -> Story:
    """Two tries at the crm, hours apart, the first of which the process did not survive."""
    story = Story()
    story.starts("crm", 0)
    story.starts("crm", 60, attempt=2)
    story.ends("crm", 61, LATER, attempt=2, reply=YES, sent=60)
    story.parks("crm", 61, until=3661, reason="the recipient asked for an hour")
    story.starts("crm", 3661, attempt=3)
    story.ends("crm", 3662, ACCEPTED, attempt=3, reply=YES, sent=3661)
    story.cancelled(3662, "no longer wanted")
    story.concludes("crm", 3663, ACCEPTED, attempts=3)
    story.settles(3663, Result.SUCCESS, accepted=1)
    return story


@pytest.mark.parametrize("story", [sold(), retried()], ids=["sold", "retried"])
def test_a_restart_after_any_fact_changes_no_byte_of_what_is_drawn(story: Story) -> None:
    whole = Picture(story.entries[0])
    for entry in story.entries[1:]:
        at_once = [span.SerializeToString(deterministic=True) for span in whole.add(entry)]
        anew = restored(story.entries, before=entry.number)  # which holds later facts, too
        assert anew is not None
        assert [span.SerializeToString(deterministic=True) for span in anew.add(entry)] == at_once


def test_a_span_is_drawn_as_soon_as_its_end_is_known() -> None:
    story = sold()
    picture = Picture(story.entries[0])
    names = [[span.name for span in picture.add(entry)] for entry in story.entries[1:]]
    assert names == [
        [],
        ["POST crm"],
        ["deliver crm"],
        [],
        ["POST buyer"],
        ["deliver buyer"],
        ["lead loans"],
    ]


def test_an_attempt_without_an_end_is_drawn_as_unknown_when_its_delivery_ends() -> None:
    """Behaviour 4.5: a start without an end reads as `arrived: unknown`."""
    story = Story()
    story.starts("crm", 1)
    story.concludes("crm", 60, UNANSWERED)
    span = drawn(story.entries)["POST crm"]
    assert (span.message.start_time_unix_nano, span.message.end_time_unix_nano) == (at(1), at(60))
    assert span.message.span_id == trace.attempt_span_id(LEAD_ID, "crm", 1)
    assert span.message.status == Status(code=Status.STATUS_CODE_ERROR, message="interrupted")
    assert (span.said["outcome.arrived"], span.said["outcome.code"]) == ("unknown", "interrupted")
    assert list(span.events) == ["delivery.request"]


def test_an_end_that_comes_late_is_drawn_once() -> None:
    story = Story()
    story.starts("crm", 1)
    story.ends(
        "crm", 60, Outcome(kind=Kind.SYSTEM_ERROR, code=ReasonCode.INTERRUPTED, arrived=Arrived.UNKNOWN)
    )
    story.concludes("crm", 60, UNANSWERED)
    picture = Picture(story.entries[0])
    assert [span.name for entry in story.entries[1:] for span in picture.add(entry)] == [
        "POST crm",
        "deliver crm",
    ]


def test_an_attempt_whose_start_is_not_recorded_begins_with_its_first_byte() -> None:
    story = Story()
    story.ends("crm", 3, REJECTED, sent=2)
    span = drawn(story.entries)["attempt crm"].message
    assert (span.start_time_unix_nano, span.end_time_unix_nano) == (at(2), at(3))


def test_long_pauses_and_a_cancellation_are_events() -> None:
    spans = drawn(retried().entries)
    assert spans["deliver crm"].events == {
        "delivery.parked": {
            "delivery.due_at": at(3661),
            "delivery.reason": "the recipient asked for an hour",
        }
    }
    assert spans["lead loans"].events == {"lead.cancelled": {"lead.reason": "no longer wanted"}}


def test_a_delivery_begins_with_its_first_attempt() -> None:
    assert drawn(retried().entries)["deliver crm"].message.start_time_unix_nano == MOMENT


def test_a_lead_that_the_caller_did_not_sample_is_not_drawn() -> None:
    context = TraceContext(trace_id="ab" * 16, parent_id="cd" * 8, sampled=False)
    assert drawn(sold(trace=context).entries) == {}


def test_a_lead_that_settles_again_is_drawn_again_under_the_same_id() -> None:
    story = Story()
    story.settles(1, Result.UNRESOLVED)
    story.concludes("crm", 100, ACCEPTED)
    story.settles(100, Result.SUCCESS, accepted=1)
    anew = restored(story.entries, before=4)
    assert anew is not None
    (span,) = anew.add(story.entries[3])
    assert (span.span_id, span.end_time_unix_nano) == (trace.lead_span_id(LEAD_ID), at(100))


def test_a_resolved_delivery_is_drawn_again_under_its_id_with_what_is_known_now() -> None:
    story = Story()
    story.starts("crm", 0.1)
    story.ends("crm", 0.4, UNANSWERED, sent=0.2)
    story.concludes("crm", 0.4, UNANSWERED)
    story.settles(0.5, Result.UNRESOLVED)
    story.resolves("crm", 60, ACCEPTED)
    picture = Picture(story.entries[0])
    spans = [span for entry in story.entries[1:] for span in picture.add(entry)]
    before, after = [span for span in spans if span.name == "deliver crm"]
    assert before.span_id == after.span_id
    assert before.end_time_unix_nano == after.end_time_unix_nano
    assert [event.name for event in after.events] == ["delivery.resolved"]
    assert (before.status.code, after.status.code) == (Status.STATUS_CODE_ERROR, Status.STATUS_CODE_UNSET)


def test_a_picture_forgets_requests_that_are_drawn() -> None:
    story = retried()
    picture = Picture(story.entries[0])
    empty = picture.weight
    for entry in story.entries[1:]:
        picture.add(entry)
    assert picture.weight == empty


def test_a_lead_without_its_beginning_is_not_restored() -> None:
    story = sold()
    assert restored([], before=3) is None
    assert restored(story.entries[4:], before=3) is None
    with pytest.raises(ValueError, match="begins with LeadReceived"):
        restored(story.entries[1:], before=4)
