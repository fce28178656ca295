"""What a cap says of itself (behaviour 7)."""

from decimal import Decimal

import pytest

from core.limits.moments import CHICAGO, UTC, at
from leadrelay.core.limits.caps import Cap, Claim, Count, cap_full, lack, the_longest
from leadrelay.core.limits.periods import PeriodKind
from leadrelay.core.outcome import Money, ReasonCode

BUDGET = Money(amount=Decimal("1000.00"), currency="USD")


def test_says_which_cap_is_full_how_full_and_when_it_opens() -> None:
    cap = Cap(key="buyer/tx/day", name="tx", period=PeriodKind.DAY, zone=CHICAGO, count=50)
    period, count = cap.period_at(at("2026-11-30T18:00", CHICAGO)), Count(sold=50)
    full = cap_full(cap, period, count, lack(cap, count, None))
    assert full.code is ReasonCode.CAP_FULL
    assert full.words == "daily cap 'tx' full: 50 of 50, opens 2026-12-01T00:00-06:00"
    assert full.opens_at == at("2026-12-01T06:00Z")
    assert not full.may_open_sooner


def test_counts_what_is_under_way_and_says_so() -> None:
    cap = Cap(key="buyer//hour", period=PeriodKind.HOUR, zone=UTC, count=50)
    count = Count(sold=48, held=2)
    full = cap_full(cap, cap.period_at(at("2026-11-30T18:20Z")), count, lack(cap, count, None))
    assert full.words == "hourly cap full: 50 of 50 (2 under way), opens 2026-11-30T19:00+00:00"
    assert full.may_open_sooner


@pytest.mark.parametrize(
    ("spent", "aside", "price", "what"),
    [
        ("975", "0", "25", ""),
        ("975.01", "0", "25", "975.01 of 1000.00 USD"),
        ("950", "25", "25", ""),
        ("950", "50", "25", "1000 of 1000.00 USD"),
        ("999", "0", None, ""),
        ("1000", "0", None, "1000 of 1000.00 USD"),
    ],
)
def test_money_has_to_suffice_for_the_lead_and_for_those_under_way(
    spent: str, aside: str, price: str | None, what: str
) -> None:
    cap = Cap(key="b//day", period=PeriodKind.DAY, zone=UTC, money=BUDGET)
    count = Count(spent=Decimal(spent), set_aside=Decimal(aside))
    assert lack(cap, count, None if price is None else Decimal(price)) == what


def test_what_opens_last_is_what_keeps_a_lead_back() -> None:
    day = Cap(key="b//day", period=PeriodKind.DAY, zone=UTC, count=1)
    month = Cap(key="b//month", period=PeriodKind.MONTH, zone=UTC, count=1)
    moment = at("2026-11-10T18:20Z")
    fulls = [cap_full(cap, cap.period_at(moment), Count(sold=1), "1 of 1") for cap in (month, day)]
    assert the_longest(fulls).words.startswith("monthly cap full")


def test_a_sale_costs_its_price_in_the_caps_own_currency() -> None:
    claim = Claim(cap="b//day", period="x", ends_at=1, money=Decimal(25), currency="USD", price=Decimal(20))
    assert claim.cost(Decimal("12.5"), "USD") == Decimal("12.5")
    assert claim.cost(Decimal("12.5"), "") == Decimal("12.5")
    assert claim.cost(Decimal("12.5"), "EUR") == 0
    assert claim.cost(None, "") == 20
    assert Claim(cap="b//day", period="x", ends_at=1).cost(Decimal("12.5"), "USD") == 0
