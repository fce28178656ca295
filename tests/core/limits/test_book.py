"""The book of all caps: exact whatever happens in whatever order (behaviour 7)."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.limits.moments import CHICAGO, HOUR, at
from leadrelay.core.limits.book import Book
from leadrelay.core.limits.caps import Cap, Claim, Holder, Wanted
from leadrelay.core.limits.full import Full
from leadrelay.core.limits.periods import PeriodKind
from leadrelay.core.outcome import Arrived, Kind, Money, Outcome, ReasonCode

NOW = at("2026-11-30T18:00", CHICAGO)
SOLD = Outcome(kind=Kind.SUCCESS)
NO = Outcome(kind=Kind.HARD_REJECT)
UNKNOWN = Outcome(kind=Kind.TIMEOUT, code=ReasonCode.TIMEOUT_RESPONSE, arrived=Arrived.UNKNOWN)


def a_cap(count: int | None = 2, period: PeriodKind = PeriodKind.DAY, name: str = "", **more: object) -> Cap:
    key = f"buyer/{name}/{period}"
    return Cap(key=key, name=name, period=period, zone=CHICAGO, count=count, **more)  # type: ignore[arg-type]


def money(most: str) -> Money:
    return Money(amount=Decimal(most), currency="USD")


def sale(price: str, currency: str = "USD") -> Outcome:
    return Outcome(kind=Kind.SUCCESS, price=Decimal(price), currency=currency)


class Desk:
    """Leads that come to one book by number."""

    def __init__(self, *caps: Cap, now: int = NOW) -> None:
        self.book, self.caps, self.now = Book(), caps, now

    def hold(self, number: int) -> tuple[Claim, ...] | Full:
        """Hold and, as an attempt does, tell of it."""
        holder = self._holder(number)
        got = self.book.hold(holder, [Wanted(cap, cap.period_at(self.now)) for cap in self.caps])
        if not isinstance(got, Full):
            self.book.told(holder, got)
        return got

    def hear(self, number: int, outcome: Outcome) -> None:
        verdict = self.book.verdict(self._holder(number), outcome)
        if verdict is not None:
            self.book.settle(verdict)

    def sell(self, number: int, outcome: Outcome = SOLD) -> None:
        assert not isinstance(self.hold(number), Full)
        self.hear(number, outcome)

    def why_full(self) -> str:
        """What the next lead is told; empty where it may go."""
        full = self.book.full(("next", "buyer"), [Wanted(cap, cap.period_at(self.now)) for cap in self.caps])
        return "" if full is None else full.words

    @staticmethod
    def _holder(number: int) -> Holder:
        return (str(number), "buyer")


def test_lets_as_many_be_sold_as_the_cap_says_and_no_more() -> None:
    desk = Desk(a_cap(2))
    desk.sell(1)
    desk.sell(2)
    assert desk.why_full() == "daily cap full: 2 of 2, opens 2026-12-01T00:00-06:00"


def test_a_lead_under_way_holds_a_place_that_a_rejection_gives_back() -> None:
    desk = Desk(a_cap(1))
    desk.hold(1)
    assert isinstance(desk.hold(2), Full)
    desk.hear(1, NO)
    desk.sell(2)
    assert desk.why_full()


def test_what_may_have_arrived_keeps_its_place_until_it_is_resolved() -> None:
    desk = Desk(a_cap(1))
    desk.hold(1)
    desk.hear(1, UNKNOWN)
    assert desk.why_full() == "daily cap full: 1 of 1 (1 under way), opens 2026-12-01T00:00-06:00"
    desk.hear(1, NO)
    assert desk.why_full() == ""


def test_what_is_sent_again_after_an_unknown_answer_needs_no_second_place() -> None:
    desk = Desk(a_cap(1))
    first = desk.hold(1)
    desk.hear(1, UNKNOWN)
    assert desk.hold(1) == first
    desk.hear(1, SOLD)
    assert desk.why_full().startswith("daily cap full: 1 of 1, ")


def test_a_send_that_never_began_gives_its_place_back() -> None:
    cap = a_cap(1)
    desk = Desk(cap)
    desk.book.hold(("1", "buyer"), [Wanted(cap, cap.period_at(NOW))])
    assert desk.why_full()
    desk.book.release(("1", "buyer"))
    assert desk.why_full() == ""


def test_a_place_that_a_fact_tells_of_is_released_by_facts_alone() -> None:
    desk = Desk(a_cap(1))
    desk.hold(1)
    desk.book.release(("1", "buyer"))
    assert desk.why_full()


def test_a_place_that_is_set_aside_is_for_one_delivery_alone() -> None:
    desk = Desk(a_cap(1))
    want = Wanted(desk.caps[0], desk.caps[0].period_at(desk.now))
    assert desk.book.keep(("1", "buyer"), want)
    assert not desk.book.keep(("2", "buyer"), want)
    assert desk.why_full()
    assert desk.book.full(("1", "buyer"), [want]) is None
    assert desk.why_full(), "looking gives nothing away"
    assert not isinstance(desk.hold(1), Full)
    assert desk.book.let_go(("1", "buyer")) == ""
    assert desk.why_full()


def test_a_place_that_was_set_aside_may_be_given_back() -> None:
    cap = a_cap(1)
    desk = Desk(cap)
    assert desk.book.keep(("1", "buyer"), Wanted(cap, cap.period_at(desk.now)))
    assert desk.book.let_go(("1", "buyer")) == cap.key
    assert not desk.why_full()
    desk.sell(2)


def test_of_several_caps_all_must_have_room_and_none_is_held_without_the_others() -> None:
    desk = Desk(a_cap(5, PeriodKind.HOUR), a_cap(1, PeriodKind.DAY))
    desk.sell(1)
    for number in range(2, 10):
        assert isinstance(desk.hold(number), Full)
    assert desk.why_full().startswith("daily cap full: 1 of 1")
    desk.now += 6 * HOUR  # midnight: five an hour again, and one a day
    desk.sell(11)
    assert desk.why_full().startswith("daily cap full: 1 of 1")


def test_the_next_period_begins_with_nothing() -> None:
    desk = Desk(a_cap(1))
    desk.sell(1)
    desk.now = at("2026-12-01T00:00", CHICAGO)
    desk.sell(2)
    assert desk.why_full().endswith("opens 2026-12-02T00:00-06:00")


def test_a_late_sale_counts_in_the_period_of_its_place() -> None:
    desk = Desk(a_cap(1))
    desk.hold(1)
    desk.hear(1, UNKNOWN)
    desk.now = at("2026-12-01T00:00", CHICAGO)
    desk.hold(2)
    desk.hear(1, SOLD)  # yesterday's
    desk.hear(2, NO)
    desk.sell(3)
    assert desk.why_full().startswith("daily cap full: 1 of 1, opens 2026-12-02")


def test_a_changed_maximum_takes_effect_at_once_and_the_count_goes_on() -> None:
    desk = Desk(a_cap(2))
    desk.sell(1)
    desk.sell(2)
    desk.caps = (a_cap(3),)
    desk.sell(3)
    assert desk.why_full().startswith("daily cap full: 3 of 3")
    desk.caps = (a_cap(1),)
    assert desk.why_full().startswith("daily cap full: 3 of 1")


def test_a_verdict_that_comes_twice_is_booked_once() -> None:
    desk = Desk(a_cap(2))
    desk.hold(1)
    verdict = desk.book.verdict(("1", "buyer"), SOLD)
    assert verdict is not None
    desk.book.settle(verdict)
    desk.book.settle(verdict)
    desk.sell(2)
    assert desk.why_full().startswith("daily cap full: 2 of 2")


def test_money_is_counted_to_the_cent() -> None:
    desk = Desk(a_cap(None, money=money("0.30"), per_lead=Decimal("0.10")))
    for number in range(3):
        desk.sell(number, sale("0.10"))
    assert desk.why_full() == "daily cap full: 0.30 of 0.30 USD, opens 2026-12-01T00:00-06:00"


def test_what_a_lead_costs_at_most_is_set_aside_while_it_is_under_way() -> None:
    desk = Desk(a_cap(None, money=money("100"), per_lead=Decimal(30)))
    for number in range(3):
        assert not isinstance(desk.hold(number), Full)
    assert desk.why_full().startswith("daily cap full: 90 of 100 USD (3 under way)")
    desk.hear(0, sale("12"))
    assert desk.why_full().startswith("daily cap full: 72 of 100 USD (2 under way)")
    desk.hear(1, NO)
    assert desk.why_full() == ""


def test_until_a_price_is_known_one_lead_at_a_time_finds_out() -> None:
    desk = Desk(a_cap(None, money=money("100")))
    desk.hold(1)
    full = desk.hold(2)
    assert isinstance(full, Full)
    assert full.is_brief
    desk.hear(1, sale("40"))
    assert not isinstance(desk.hold(2), Full)
    waiting = desk.hold(3)
    assert isinstance(waiting, Full)
    assert not waiting.is_brief
    assert waiting.words.startswith("daily cap full: 80 of 100 USD (1 under way)")


def test_a_sale_without_a_price_costs_what_the_catalog_says_it_does() -> None:
    desk = Desk(a_cap(None, money=money("50"), per_lead=Decimal(25)))
    desk.sell(1)
    desk.sell(2)
    assert desk.why_full().startswith("daily cap full: 50 of 50 USD")


def test_a_sale_in_another_currency_takes_nothing_of_the_money() -> None:
    desk = Desk(a_cap(None, money=money("50"), per_lead=Decimal(25)))
    for number in range(5):
        desk.sell(number, sale("25", "EUR"))
    assert desk.why_full() == ""


def test_goes_on_from_where_an_earlier_run_stood() -> None:
    cap = a_cap(3)
    desk, period = Desk(cap), cap.period_at(NOW)
    claim = Claim(cap=cap.key, period=period.label, ends_at=period.ends)
    desk.book.sold_before(claim, sold=1, spent=Decimal(0))
    desk.book.told(("7", "buyer"), (claim,))  # it was under way when the process ended
    desk.sell(1)
    assert desk.why_full().startswith("daily cap full: 3 of 3 (1 under way)")
    desk.hear(7, NO)
    assert desk.why_full() == ""


def test_periods_that_are_over_cost_no_memory() -> None:
    desk = Desk(a_cap(5, PeriodKind.MINUTE), now=at("2026-11-30T00:00Z"))
    for number in range(1000):
        desk.sell(number)
        desk.now += 60 * 10**9
    assert len(desk.book._counts) == 1


STEPS = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from(["hold", SOLD, NO, UNKNOWN, "release"])), max_size=120
)


@given(st.integers(1, 4), STEPS)
def test_never_more_is_sold_than_the_cap_says(most: int, steps: list[tuple[int, object]]) -> None:
    """Whatever order holds, answers and losses come in; a lead may be held again after a rejection."""
    desk, out, sold = Desk(a_cap(most)), set[int](), 0
    for number, step in steps:
        if step == "hold":
            if number not in out and not isinstance(desk.hold(number), Full):
                out.add(number)
        elif step == "release":
            desk.book.release((str(number), "buyer"))
        elif isinstance(step, Outcome) and number in out:
            desk.hear(number, step)
            sold += step.accepted
            if not step.is_unresolved:
                out.discard(number)
        assert sold + len(out) <= most
