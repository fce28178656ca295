"""Flows as values: every delivery by its name (behaviour 5)."""

from leadrelay.core.condition import compile_condition
from leadrelay.core.flow import (
    Branch,
    Deliver,
    Filter,
    Flow,
    Parallel,
    Sequence,
    Step,
    Waterfall,
    deliveries,
    destination_of,
)


def to(name: str) -> Step:
    return Step(kind=Deliver(delivery=name, destination=destination_of(name)))


def test_every_delivery_is_found_in_the_order_of_the_document() -> None:
    arms = ((compile_condition("a"), to("d")), (compile_condition("b"), to("e")))
    root = Step(
        kind=Sequence(
            steps=(
                to("a"),
                Step(kind=Filter(passes=compile_condition("a"))),
                Step(kind=Waterfall(steps=(to("b"), Step(kind=Parallel(steps=(to("c"),)))))),
                Step(kind=Branch(arms=arms, otherwise=to("a#2"))),
            )
        )
    )
    names = [deliver.delivery for deliver in Flow(name="f", root=root).deliveries()]
    assert names == ["a", "b", "c", "d", "e", "a#2"]
    assert [deliver.delivery for deliver in deliveries(to("x"))] == ["x"]


def test_a_branch_without_otherwise_has_only_its_arms() -> None:
    step = Step(kind=Branch(arms=((compile_condition("a"), to("d")),)))
    assert [deliver.delivery for deliver in deliveries(step)] == ["d"]


def test_a_delivery_that_a_flow_names_again_belongs_to_the_same_destination() -> None:
    assert destination_of("crm") == destination_of("crm#2") == "crm"
