"""What a replay came to, in words."""

from decimal import Decimal

from leadrelay.core.outcome import Arrived, Kind, Money, Outcome, ReasonCode, Result
from leadrelay.edges.cli.replayed import SHOWN_LINES, Sums, as_data, lead_lines, summary
from leadrelay.edges.replaying import Change, Course, Replayed
from values import LEAD_ID, a_lead

SOLD = Outcome(kind=Kind.SUCCESS, price=Decimal("12.50"), currency="USD")
NO = Outcome(kind=Kind.HARD_REJECT, code=ReasonCode.DUPLICATE)
LOST = Outcome(kind=Kind.TIMEOUT, code=ReasonCode.TIMEOUT_RESPONSE, arrived=Arrived.UNKNOWN)


def told(*changes: Change, after: Course | None = None) -> Replayed:
    before = Course(
        outcomes={"crm": SOLD},
        result=Result.SUCCESS,
        revenue=(Money(amount=Decimal("12.50"), currency="USD"),),
    )
    return Replayed(a_lead(), before, after or before, changes)


def test_each_delivery_that_is_otherwise_is_a_line() -> None:
    changes = (Change("crm", SOLD, LOST, False, ()), Change("new", None, NO, True, ()))
    after = Course(outcomes={"crm": LOST, "new": NO}, result=Result.UNRESOLVED)
    assert list(lead_lines(told(*changes, after=after))) == [
        f"{LEAD_ID}  flow loans: success -> unresolved",
        "  crm: success 12.50 USD -> timeout (timeout_response) may have arrived",
        "  new: not in the flow -> hard_reject (duplicate), assumed: nothing is recorded",
    ]


def test_a_long_request_is_cut_and_says_so() -> None:
    lines = tuple(f"- {number}" for number in range(SHOWN_LINES + 3))
    shown = list(lead_lines(told(Change("crm", SOLD, SOLD, False, lines))))
    assert shown[0].endswith("flow loans: success")
    assert shown[-1] == "    (and 3 lines more)"


def test_leads_are_summed_up_with_money_and_with_what_was_left_out() -> None:
    sums = Sums()
    sums.add(told())
    sums.add(
        told(
            Change("crm", SOLD, NO, False, ("- a", "+ b")),
            after=Course(outcomes={"crm": NO}, result=Result.FAILURE),
        )
    )
    sums.untold["it was cancelled"] += 2
    assert list(summary(sums)) == [
        "2 lead(s) replayed: 1 the same, 1 otherwise (1 request(s), 1 outcome(s), 1 result(s))",
        "sold to crm: 2 -> 1",
        "revenue: 25.00 USD -> 12.50 USD",
        "2 lead(s) not replayed: it was cancelled",
    ]


def test_programs_get_the_same() -> None:
    data = as_data(told(Change("crm", SOLD, NO, False, ())))
    assert data["changes"][0]["before"] == {
        "kind": "success",
        "code": None,
        "price": "12.50",
        "currency": "USD",
    }
