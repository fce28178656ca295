"""Turns of a waterfall that goes round: drawn once, and exact whoever may not take his (behaviour 5)."""

from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.condition import compile_condition
from leadrelay.core.flow import Branch, Deliver, Filter, Flow, Order, Sequence, Step, Waterfall, rotates
from leadrelay.core.lead import Lead
from leadrelay.core.scope import Scope
from leadrelay.core.turns import by_turn, turns_to_draw
from values import a_lead, to


def when(step: Step, condition: str) -> Step:
    return Step(kind=step.kind, when=compile_condition(condition))


def rotating(*steps: Step, name: str = "loans/1") -> Step:
    return Step(kind=Waterfall(steps=steps, order=Order.ROUND_ROBIN, name=name))


def flow(*steps: Step) -> Flow:
    root = Step(kind=Sequence(steps=steps))
    return Flow(name="loans", root=root, rotates=rotates(root))


class Counting:
    """Draws as the journal does."""

    def __init__(self) -> None:
        self._drawn: Counter[str] = Counter()

    def turns(self, tree: Flow, lead: Lead) -> dict[str, int]:
        pools = turns_to_draw(tree, lead)
        self._drawn.update(pools.keys())
        return {pool: self._drawn[pool] for pool in pools}


def first_able(tree: Flow, waterfall: Step, lead: Lead, turns: dict[str, int]) -> str:
    """The first step that the lead may take."""
    assert isinstance(waterfall.kind, Waterfall)
    steps = by_turn(waterfall.kind, tree, lead, turns)
    able = (step for step in steps if step.when is None or step.when.holds(Scope.of(lead)))
    return next(delivery(step) for step in able)


def delivery(step: Step) -> str:
    assert isinstance(step.kind, Deliver)
    return step.kind.delivery


def leads(count: int, **fields: str) -> list[Lead]:
    return [a_lead(lead_id=str(UUID(int=number)), **fields) for number in range(count)]


def test_a_flow_that_does_not_go_round_draws_nothing() -> None:
    assert turns_to_draw(flow(to("a")), a_lead()) == {}


@given(children=st.integers(1, 7), count=st.integers(0, 60))
def test_each_step_is_first_equally_often(children: int, count: int) -> None:
    waterfall = rotating(*(to(f"b{place}") for place in range(children)))
    tree, counting = flow(waterfall), Counting()
    first = Counter(first_able(tree, waterfall, lead, counting.turns(tree, lead)) for lead in leads(count))
    expected = count / children
    assert all(abs(first[f"b{place}"] - expected) < 1 for place in range(children))


def test_the_others_follow_in_their_order() -> None:
    waterfall = rotating(to("a"), to("b"), to("c"))
    tree = flow(waterfall)
    assert isinstance(waterfall.kind, Waterfall)
    orders = [
        [delivery(step) for step in by_turn(waterfall.kind, tree, a_lead(), {"loans/1": turn})]
        for turn in (1, 2, 3, 4)
    ]
    assert orders == [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"], ["a", "b", "c"]]


def test_a_step_that_a_lead_may_not_take_hands_its_turn_to_nobody() -> None:
    """Else the step after it would be first twice as often as the others."""
    waterfall = rotating(to("a"), when(to("b"), 'state == "CA"'), to("c"))
    tree, counting = flow(waterfall), Counting()
    first: Counter[str] = Counter()
    for lead in leads(60, state="TX") + leads(30, state="CA"):
        first[first_able(tree, waterfall, lead, counting.turns(tree, lead))] += 1
    assert first == {"a": 40, "c": 40, "b": 10}


def test_a_condition_on_an_earlier_answer_does_not_keep_a_step_from_its_turn() -> None:
    waterfall = rotating(when(to("a"), 'scoring.outcome == "success"'), to("b"))
    tree = flow(to("scoring"), waterfall)
    assert turns_to_draw(tree, a_lead()) == {"loans/1": 0}


def test_a_lead_that_may_take_no_step_draws_nothing() -> None:
    waterfall = rotating(when(to("a"), "1 == 2"), when(to("b"), "1 == 2"))
    tree = flow(waterfall)
    assert isinstance(waterfall.kind, Waterfall)
    assert turns_to_draw(tree, a_lead()) == {}
    assert by_turn(waterfall.kind, tree, a_lead(), {}) == waterfall.kind.steps


@pytest.mark.parametrize(
    ("state", "drawn"),
    [("CA", {"loans/1": 0}), ("TX", {"loans/2": 0}), ("NY", {"loans/3": 0})],
)
def test_a_lead_draws_only_in_the_arm_that_it_takes(state: str, drawn: dict[str, int]) -> None:
    arms = (
        (compile_condition('state == "CA"'), rotating(to("a"), to("b"), name="loans/1")),
        (compile_condition('state == "TX"'), rotating(to("a#2"), to("b#2"), name="loans/2")),
    )
    otherwise = rotating(to("a#3"), to("b#3"), name="loans/3")
    tree = flow(Step(kind=Branch(arms=arms, otherwise=otherwise)))
    assert turns_to_draw(tree, a_lead(state=state)) == drawn


def test_a_lead_draws_in_every_arm_that_an_earlier_answer_may_open() -> None:
    arms = ((compile_condition("scoring.price > 5"), rotating(to("a"), to("b"), name="loans/1")),)
    otherwise = rotating(to("a#2"), to("b#2"), name="loans/2")
    tree = flow(to("scoring"), Step(kind=Branch(arms=arms, otherwise=otherwise)))
    assert turns_to_draw(tree, a_lead()) == {"loans/1": 0, "loans/2": 0}


def test_a_lead_that_a_filter_stops_draws_nothing_after_it() -> None:
    stop = Step(kind=Filter(passes=compile_condition('consent == "yes"')))
    tree = flow(stop, rotating(to("a"), to("b")))
    assert turns_to_draw(tree, a_lead(consent="no")) == {}
    assert turns_to_draw(tree, a_lead(consent="yes")) == {"loans/1": 0}
