"""Orders of waterfalls, and what their steps may say about them (behaviour 5)."""

from decimal import Decimal

import pytest

from catalog_texts import loaded, of_flow, refused, warned
from leadrelay.core.flow import Order, Sequence, Step, Waterfall
from leadrelay.core.scope import Scope
from leadrelay.core.template import Template


def waterfalls(steps: str) -> list[Waterfall]:
    root = loaded(of_flow(steps)).catalog.flows["f"].root.kind
    assert isinstance(root, Sequence)
    return [step.kind for step in root.steps if isinstance(step.kind, Waterfall)]


def steps_of(waterfall: str) -> tuple[Step, ...]:
    (only,) = waterfalls(f"- waterfall: {waterfall}")
    return only.steps


@pytest.mark.parametrize("order", list(Order))
def test_every_order_is_known(order: Order) -> None:
    (only,) = waterfalls(f"- waterfall: {{order: {order}, steps: [{{deliver: a}}, {{deliver: b}}]}}")
    assert only.order is order


def test_what_stands_for_nothing_is_as_listed() -> None:
    (only,) = waterfalls("- waterfall: {steps: [{deliver: a}, {deliver: b}]}")
    assert (only.order, only.name) == (Order.LISTED, "")


def test_a_flow_knows_whether_it_goes_round() -> None:
    deep = "- sequence: {steps: [{waterfall: {order: round_robin, steps: [{deliver: a}, {deliver: b}]}}]}"
    assert loaded(of_flow(deep)).catalog.flows["f"].rotates
    assert not loaded(of_flow("- deliver: a\n- deliver: b")).catalog.flows["f"].rotates


def test_the_name_that_turns_go_by_does_not_hang_on_what_stands_before() -> None:
    """Applying a catalog again with another step in front must not begin the count anew."""
    going_round = "- waterfall: {order: round_robin, steps: [{deliver: a}, {deliver: b}]}"
    weighted = "- waterfall: {order: weight, steps: [{deliver: a, weight: 2}, {deliver: b}]}"
    (alone,) = waterfalls(going_round)
    *_, after = waterfalls(f"- deliver: a\n{weighted}\n{going_round}")
    assert alone.name == after.name == "f/1"
    assert [each.name for each in waterfalls(f"{going_round}\n{going_round}")] == ["f/1", "f/2"]


def test_weights_count_as_1_where_they_are_not_given() -> None:
    steps = steps_of("{order: weight, steps: [{deliver: a, weight: 7}, {deliver: b}]}")
    assert [step.weight for step in steps] == [7, 1]


def test_prices_are_numbers_or_templates() -> None:
    first = "{deliver: a, price: 12.5}"
    number, template = steps_of(
        f"{{order: price, steps: [{first}, {{deliver: b, price: '{{{{math \"loan_amount / 10\"}}}}'}}]}}"
    )
    assert number.price == Decimal("12.5")
    assert isinstance(template.price, Template)
    assert template.price(Scope({"loan_amount": "300"})) == "30"
    (text, _) = steps_of('{order: price, steps: [{deliver: a, price: "$1,200"}, {deliver: b, price: 1}]}')
    assert text.price == 1200


@pytest.mark.parametrize(
    ("waterfall", "problem"),
    [
        (
            "{steps: [{deliver: a, weight: 2}, {deliver: b}]}",
            "steps[0].weight: means something in a waterfall with `order: weight` only; remove it",
        ),
        (
            "{order: weight, steps: [{deliver: a, price: 2}, {deliver: b, weight: 1}]}",
            "steps[0].price: means something in a waterfall with `order: price` only; remove it",
        ),
        (
            "{order: price, steps: [{deliver: a, price: cheap}, {deliver: b}]}",
            "steps[0].price: is no number; a template such as",
        ),
        (
            "{order: price, steps: [{deliver: a, price: true}, {deliver: b}]}",
            "steps[0].price: expected a number, or a template for one",
        ),
        (
            "{order: price, steps: [{deliver: a, price: '{{'}, {deliver: b}]}",
            "steps[0].price: at column 1 of this text",
        ),
    ],
)
def test_says_what_is_wrong(waterfall: str, problem: str) -> None:
    (found,) = refused(of_flow(f"- waterfall: {waterfall}"))
    assert found.startswith(f"c.yaml:7: flows[f].steps[0].waterfall.{problem}")


def test_a_weight_outside_a_waterfall_means_nothing() -> None:
    (found,) = refused(of_flow("- {deliver: a, weight: 3}"))
    assert "means something in a waterfall with `order: weight` only" in found


@pytest.mark.parametrize(
    ("waterfall", "warning"),
    [
        ("{order: round_robin, steps: [{deliver: a}]}", "of one step there is no order"),
        (
            "{order: weight, steps: [{deliver: a}, {deliver: b}]}",
            "no step has a `weight`, so that each is first equally often",
        ),
        (
            "{order: price, steps: [{deliver: a}, {deliver: b}]}",
            "no step has a `price` and no destination `prices`, so that they are tried as listed",
        ),
    ],
)
def test_warns_of_orders_that_order_nothing(waterfall: str, warning: str) -> None:
    told = [each for each in warned(of_flow(f"- waterfall: {waterfall}")) if ".order: " in each]
    assert told == [f"c.yaml:7: flows[f].steps[0].waterfall.order: {warning}"]


def test_a_step_without_a_price_has_that_of_its_destination() -> None:
    text = of_flow("- waterfall: {order: price, steps: [{deliver: a}, {deliver: b, price: 3}]}")
    compiled = loaded(text.replace("{name: a,", '{name: a, prices: [{amount: "12.50"}],')).catalog
    root = compiled.flows["f"].root.kind
    assert isinstance(root, Sequence)
    assert isinstance(root.steps[0].kind, Waterfall)
    first, second = root.steps[0].kind.steps
    assert first.price == compiled.destinations["a"].prices
    assert second.price == 3
