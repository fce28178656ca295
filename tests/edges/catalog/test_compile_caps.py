"""Caps as a catalog writes them (behaviour 7)."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from catalog_texts import loaded, of_rest, refused, warned
from leadrelay.core.limits.caps import Cap
from leadrelay.core.limits.periods import PeriodKind
from leadrelay.core.outcome import Money
from leadrelay.core.scope import Scope
from values import a_lead

UTC = ZoneInfo("UTC")


def caps(*written: str) -> tuple[Cap, ...]:
    limits = loaded(of_caps(*written)).catalog.destinations["crm"].limits
    assert limits is not None
    return limits.caps


def of_caps(*written: str) -> str:
    lines = "\n".join(f"  - {{{cap}}}" for cap in written)
    return of_rest(f"limits:\n  caps:\n{lines}")


def test_a_cap_counts_under_its_destination_its_name_and_its_period() -> None:
    (cap,) = caps("name: tx, period: day, count: 50, time_zone: America/Chicago")
    assert cap == Cap(
        key="crm/tx/day", name="tx", period=PeriodKind.DAY, zone=ZoneInfo("America/Chicago"), count=50
    )


@pytest.mark.parametrize("period", list(PeriodKind))
def test_every_period_can_be_written(period: PeriodKind) -> None:
    (cap,) = caps(f"period: {period}, count: 1")
    assert (cap.period, cap.zone, cap.name) == (period, UTC, "")


def test_money_is_exact_and_may_stand_beside_a_count() -> None:
    (cap,) = caps('period: month, count: 9, money: {amount: "1000.10", currency: USD}, per_lead: "25.5"')
    assert cap.money == Money(amount=Decimal("1000.10"), currency="USD")
    assert (cap.count, cap.per_lead) == (9, Decimal("25.5"))


def test_a_condition_is_compiled() -> None:
    (cap,) = caps('period: day, count: 1, when: state == "TX"')
    assert cap.when is not None
    assert cap.when.holds(Scope.of(a_lead(state="TX")))
    assert not cap.when.holds(Scope.of(a_lead(state="CA")))


def test_a_week_may_start_on_another_day() -> None:
    (cap,) = caps("period: week, count: 1, week_starts: sun")
    assert cap.week_starts == 6


@pytest.mark.parametrize(
    ("cap", "words"),
    [
        (
            "period: day, count: 0",
            ".count: a cap of 0 lets nothing through; remove the destination from the flow to stop it",
        ),
        ("period: day", ": needs a `count`, or `money: {amount, currency}`, or both"),
        ("count: 5", ": needs a `period`: minute, hour, day, week or month"),
        (
            'period: day, money: {amount: "5"}, per_lead: "1"',
            ".money: needs a `currency`, such as USD: amounts of several do not add up",
        ),
        (
            'period: day, money: {currency: USD}, per_lead: "1"',
            '.money: needs an `amount`, such as "1000.00"',
        ),
        (
            'period: day, money: {amount: "-5", currency: USD}, per_lead: "1"',
            '.money.amount: must be a decimal number above 0, such as "1000.00"',
        ),
        (
            'period: day, money: {amount: "0", currency: USD}, per_lead: "1"',
            '.money.amount: must be a decimal number above 0, such as "1000.00"',
        ),
        (
            'period: day, money: {amount: NaN, currency: USD}, per_lead: "1"',
            '.money.amount: must be a decimal number above 0, such as "1000.00"',
        ),
        (
            'period: day, money: {amount: "5", currency: dollars}, per_lead: "1"',
            ".money.currency: `dollars` is no currency; three capital letters (ISO 4217), such as USD",
        ),
        (
            'period: day, money: {amount: "5", currency: USD}, per_lead: "9"',
            ".per_lead: is more than the whole cap, 5; no lead would go",
        ),
        (
            'period: day, money: {amount: "5", currency: USD}, per_lead: cheap',
            '.per_lead: must be a decimal number above 0, such as "25.00"',
        ),
        (
            'period: day, count: 5, per_lead: "9"',
            ".per_lead: means something with `money` only; remove it",
        ),
        (
            "period: day, count: 5, week_starts: sun",
            ".week_starts: means something with `period: week` only; remove it",
        ),
        (
            "period: week, count: 5, week_starts: sundey",
            ".week_starts: no day is called `sundey`; did you mean `sunday`?",
        ),
        (
            "period: day, count: 5, time_zone: America/Chicgo",
            ".time_zone: there is no time zone `America/Chicgo`; did you mean `America/Chicago`?",
        ),
    ],
)
def test_says_what_cannot_be_meant(cap: str, words: str) -> None:
    assert refused(of_caps(cap)) == [f"c.yaml:7: destinations[crm].limits.caps[0]{words}"]


def test_a_cap_of_a_misspelt_period_gets_the_nearest() -> None:
    (problem,) = refused(of_caps("period: dayly, count: 5"))
    assert "did you mean `day`?" in problem


def test_a_condition_that_cannot_be_read_is_told_with_its_column() -> None:
    (problem,) = refused(of_caps("period: day, count: 5, when: state =="))
    assert problem.startswith("c.yaml:7: destinations[crm].limits.caps[0].when: at column")


def test_two_that_would_count_together_need_names() -> None:
    (problem,) = refused(of_caps("period: day, count: 5", "period: hour, count: 1", "period: day, count: 9"))
    assert problem == (
        "c.yaml:9: destinations[crm].limits.caps[2]: would count together with the one at c.yaml:7; "
        "give each a `name` of its own"
    )


def test_names_tell_them_apart() -> None:
    found = caps(
        "period: day, count: 5", "name: tx, period: day, count: 1", "name: tx, period: hour, count: 1"
    )
    assert [cap.key for cap in found] == ["crm//day", "crm/tx/day", "crm/tx/hour"]


def test_warns_that_money_without_a_price_goes_slowly_at_first() -> None:
    (warning,) = warned(of_caps('period: day, money: {amount: "5", currency: USD}'))
    assert 'say what a lead costs at most: `per_lead: "25.00"`' in warning


def test_where_the_catalog_says_what_leads_cost_nothing_is_slow() -> None:
    cap = 'caps: [{period: day, money: {amount: "50", currency: USD}}]'
    assert warned(of_rest(f'limits: {{{cap}}}\nprices: [{{amount: "12.50", currency: USD}}]')) == []
