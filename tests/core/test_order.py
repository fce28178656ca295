"""The order of a waterfall: the same for a lead whenever it is asked for (behaviour 5)."""

from collections import Counter
from decimal import Decimal
from uuid import UUID

import pytest

from leadrelay.core.condition import compile_condition
from leadrelay.core.flow import Order, Step, Waterfall
from leadrelay.core.order import by_price, by_weight
from leadrelay.core.outcome import Kind, Outcome
from leadrelay.core.pricing import PriceRule
from leadrelay.core.scope import Scope
from leadrelay.core.template import compile_template
from values import a_lead, to

LEADS = 6_000


def weighted(*weights: int, name: str = "loans/1") -> Waterfall:
    steps = tuple(Step(kind=to(f"b{place}").kind, weight=weight) for place, weight in enumerate(weights))
    return Waterfall(steps=steps, order=Order.WEIGHT, name=name)


def priced(*prices: str | Decimal | None) -> Waterfall:
    def step(place: int, price: str | Decimal | None) -> Step:
        value = compile_template(price) if isinstance(price, str) else price
        return Step(kind=to(f"b{place}").kind, price=value)

    return Waterfall(steps=tuple(step(*each) for each in enumerate(prices)), order=Order.PRICE)


def lead_id(number: int) -> str:
    """As they come: equal but for a few bits."""
    return str(UUID(int=0x0193_5F00_0000_7000_8000_0000_0000_0000 + number))


def places(waterfall: Waterfall, steps: tuple[Step, ...]) -> list[int]:
    return [waterfall.steps.index(step) for step in steps]


def test_a_lead_has_the_same_order_whenever_it_is_asked_for() -> None:
    waterfall = weighted(1, 1, 1, 1, 1)
    orders = {number: by_weight(waterfall, a_lead(lead_id=lead_id(number))) for number in range(50)}
    again = {number: by_weight(waterfall, a_lead(lead_id=lead_id(number))) for number in range(50)}
    assert orders == again
    assert len({tuple(places(waterfall, order)) for order in orders.values()}) > 20


def test_the_order_is_fixed_for_all_versions_of_leadrelay() -> None:
    """A lead that is resumed by a newer version must not turn to someone else."""
    waterfall = weighted(5, 3, 2)
    orders = [places(waterfall, by_weight(waterfall, a_lead(lead_id=lead_id(n)))) for n in range(4)]
    assert orders == [[2, 0, 1], [1, 0, 2], [2, 1, 0], [2, 0, 1]]


@pytest.mark.parametrize("weights", [(1, 1), (70, 20, 10), (1, 2, 3, 4), (1, 99)])
def test_each_step_is_first_as_often_as_its_weight_is_a_share(weights: tuple[int, ...]) -> None:
    """The leads are fixed, so that this either holds or does not: within four standard deviations."""
    waterfall = weighted(*weights)
    first = Counter(
        places(waterfall, by_weight(waterfall, a_lead(lead_id=lead_id(n))))[0] for n in range(LEADS)
    )
    for place, weight in enumerate(weights):
        share = weight / sum(weights)
        assert abs(first[place] - LEADS * share) < 4 * (LEADS * share * (1 - share)) ** 0.5


def test_what_is_left_is_drawn_by_weight_again() -> None:
    """Without replacement: after the first, the second is drawn among the rest."""
    waterfall = weighted(8, 1, 1)
    orders = [places(waterfall, by_weight(waterfall, a_lead(lead_id=lead_id(n)))) for n in range(LEADS)]
    second = Counter(order[1] for order in orders if order[0] == 1)
    assert 0.8 < second[0] / second.total() < 0.97  # 8 of 9


def test_two_waterfalls_draw_apart() -> None:
    one, two = weighted(1, 1, name="loans/1"), weighted(1, 1, name="loans/2")
    leads = [a_lead(lead_id=lead_id(number)) for number in range(400)]
    agree = sum(places(one, by_weight(one, lead)) == places(two, by_weight(two, lead)) for lead in leads)
    assert 140 < agree < 260


def test_the_highest_price_comes_first_and_ties_stay_as_listed() -> None:
    waterfall = priced(Decimal(10), Decimal("12.50"), Decimal(10), Decimal("0.5"))
    assert places(waterfall, by_price(waterfall, Scope({}))) == [1, 0, 2, 3]


def test_a_price_may_depend_on_the_lead_and_on_earlier_answers() -> None:
    scored = {"scoring": Outcome(kind=Kind.SUCCESS, appended={"price": "30.00"})}
    scope = Scope({"state": "CA"}, outcomes=scored, appended={"scoring": {"price": "30.00"}})
    waterfall = priced('{{if state "CA" then 20 else 5}}', Decimal(10), "{{appended.scoring.price}}")
    assert places(waterfall, by_price(waterfall, scope)) == [2, 0, 1]
    assert places(waterfall, by_price(waterfall, Scope({"state": "TX"}))) == [1, 0, 2]


def test_a_step_without_a_price_comes_last_even_after_a_price_of_zero() -> None:
    waterfall = priced(None, "{{no_such_field}}", Decimal(0), "not a number", Decimal(3))
    assert places(waterfall, by_price(waterfall, Scope({}))) == [4, 2, 0, 1, 3]


def test_where_a_step_names_no_price_its_destinations_own_rules_do() -> None:
    """Behaviour 5 and 6: what was agreed with a recipient is known before anything is sent."""
    agreed = (
        PriceRule(amount=compile_template("30"), when=compile_condition('state == "CA"')),
        PriceRule(amount=compile_template("4.50"), currency="USD"),
    )
    steps = (Step(kind=to("a").kind, price=Decimal(10)), Step(kind=to("b").kind, price=agreed))
    waterfall = Waterfall(steps=steps, order=Order.PRICE)
    assert places(waterfall, by_price(waterfall, Scope({"state": "CA"}))) == [1, 0]
    assert places(waterfall, by_price(waterfall, Scope({"state": "TX"}))) == [0, 1]
