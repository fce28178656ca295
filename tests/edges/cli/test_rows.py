"""Rows say what people ask for, in words that need no explanation."""

from dataclasses import replace
from decimal import Decimal

from leadrelay.core.exchange import ReplyRecord
from leadrelay.core.facts import AttemptStarted, DeliveryEnded
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode, Result
from leadrelay.edges.cli.course import lead_course
from leadrelay.edges.cli.rows import Row, explanations, price, rows
from telemetry.story import ACCEPTED, REJECTED, REQUEST, UNANSWERED, YES, Story, sold

LATER = Outcome(kind=Kind.SOFT_REJECT, code=ReasonCode.UNAVAILABLE)


def rows_of(story: Story) -> list[Row]:
    return list(rows(lead_course(story.entries)))


def test_a_delivery_with_one_answer_is_one_row() -> None:
    assert [(row.label, row.why, row.remarks) for row in rows_of(sold())] == [
        ("crm", "out_of_area", ('"We do not buy in TX"', "HTTP 200")),
        ("buyer", "12.50 USD", ("ref B-1", "HTTP 200")),
    ]


def test_a_delivery_with_several_attempts_has_a_row_for_each_and_for_each_pause() -> None:
    story = Story()
    story.starts("crm", 0)
    story.ends("crm", 1, LATER)
    story.starts("crm", 3, attempt=2)
    story.ends("crm", 4, ACCEPTED, attempt=2, reply=YES)
    story.concludes("crm", 4, ACCEPTED, attempts=2)
    found = rows_of(story)
    assert [
        (row.label, row.is_part, row.word if row.outcome is None else row.outcome.kind) for row in found
    ] == [
        ("crm", False, "success"),
        ("try 1", True, "soft_reject"),
        ("", True, "pause"),
        ("try 2", True, "success"),
    ]
    assert [row.took for row in found] == [4_000_000_000, 1_000_000_000, 2_000_000_000, 1_000_000_000]
    assert found[0].remarks == ()  # its attempts say it


def test_a_delivery_that_ended_otherwise_than_its_attempt_says_both() -> None:
    story = Story()
    story.starts("crm", 0)
    story.ends("crm", 1, LATER)
    total = Outcome(
        kind=Kind.TIMEOUT, code=ReasonCode.TIMEOUT_TOTAL, words="no time was left", arrived=Arrived.NO
    )
    story.concludes("crm", 30, total)
    delivery, attempt = rows_of(story)
    assert (delivery.why, delivery.remarks) == (
        "timeout_total",
        ("no time was left", "certainly not received"),
    )
    assert attempt.why == "unavailable"


def test_only_foreign_words_stand_in_quotes() -> None:
    story = Story()
    ours = Outcome(
        kind=Kind.SYSTEM_ERROR, code=ReasonCode.RESET, words="closed early", arrived=Arrived.UNKNOWN
    )
    story.starts("crm", 0)
    story.ends("crm", 1, ours, sent=0)
    story.concludes("crm", 1, ours)
    assert rows_of(story)[0].remarks == ("closed early", "may have been received")


def test_a_price_beside_a_code_is_a_remark() -> None:
    story = Story()
    low = Outcome(kind=Kind.HARD_REJECT, code=ReasonCode.PRICE, price=Decimal("1.00"), currency="USD")
    story.starts("crm", 0)
    story.ends("crm", 1, low, reply=ReplyRecord(status=402), sent=0)
    story.concludes("crm", 1, low)
    (row,) = rows_of(story)
    assert (row.why, row.remarks) == ("price", ("1.00 USD", "HTTP 402"))


def test_a_price_of_nothing_is_a_price() -> None:
    assert price(Outcome(kind=Kind.SUCCESS, price=Decimal(0))) == "0"
    assert price(Outcome(kind=Kind.SUCCESS)) == ""


def test_warnings_about_the_data_are_remarks() -> None:
    story = Story()
    warned = AttemptStarted(
        delivery="crm", destination="crm", attempt=1, request=REQUEST, warnings=("phone_1 has 9 digits",)
    )
    story.tell(warned, 0)
    story.ends("crm", 1, REJECTED, reply=YES, sent=0)
    story.concludes("crm", 1, REJECTED)
    assert rows_of(story)[0].remarks[-1] == "warning: phone_1 has 9 digits"


def test_what_is_open_says_so() -> None:
    story = Story()
    story.starts("crm", 0)
    (open_one,) = rows_of(story)
    assert (open_one.is_open, open_one.word) == (True, "under way")
    story.starts("crm", 60, attempt=2)
    delivery, lost, second = rows_of(story)
    assert (delivery.is_open, lost.is_open, second.is_open) == (True, False, True)
    assert (lost.word, lost.took) == ("no answer", None)


def test_a_lead_that_went_smoothly_needs_no_explanation() -> None:
    assert list(explanations(lead_course(sold().entries))) == []


def test_an_unknown_in_a_lead_that_is_under_way_is_not_called_held_yet() -> None:
    story = Story()
    story.starts("crm", 0)
    story.ends("crm", 1, UNANSWERED, sent=0)
    story.concludes("crm", 1, UNANSWERED)
    first, second = explanations(lead_course(story.entries))
    assert first == "crm may have the lead: it was sent and no readable answer came back."
    assert second.startswith("Still under way")
    story.settles(2, Result.UNRESOLVED)
    (held,) = explanations(lead_course(story.entries))
    assert "It is held" in held


def test_an_unknown_that_was_resolved_says_who_said_so_and_is_not_called_held() -> None:
    story = Story()
    story.starts("crm", 0)
    story.ends("crm", 1, UNANSWERED, sent=0)
    story.concludes("crm", 1, UNANSWERED)
    story.settles(2, Result.UNRESOLVED)
    story.resolves("crm", 60, replace(ACCEPTED, words="Bob of the crm has it"))
    story.settles(61, Result.SUCCESS)
    assert rows_of(story)[0].outcome == replace(ACCEPTED, words="Bob of the crm has it")
    (said,) = explanations(lead_course(story.entries))
    assert said == "crm was unresolved until somebody said success: Bob of the crm has it."


def test_a_ping_is_said_to_be_a_bid_and_not_to_have_a_lead() -> None:
    story = Story()
    story.starts("ask", 0)
    story.ends("ask", 1, UNANSWERED)
    lost = replace(UNANSWERED, arrived=Arrived.NO)  # as the delivery ends: no lead went with it
    ended = DeliveryEnded(delivery="ask", destination="ask", outcome=lost, attempts=1, is_ping=True)
    story.tell(ended, 1)
    (row,) = rows_of(story)
    assert "certainly not received" not in row.remarks
    words = " ".join(explanations(lead_course(story.entries)))
    assert "Asked for a price: ask. A success of theirs is a bid, and no sale." in words
    assert "may have the lead" not in words
