"""Flows that deliver to flows of the same server: a circle is refused, with its place (behaviour 4.1)."""

import pytest

from catalog_texts import loaded, refused


def a_catalog(**flows: str) -> str:
    """Flows that deliver to these destinations; `to_x` leads to the flow `x`, `crm` out of the house."""
    targets = {name: name.removeprefix("to_") for steps in flows.values() for name in steps.split()}
    lines = ["destinations:"]
    for name, target in targets.items():
        how = (
            'rest: {url: "https://a.example"}, pass_through: all'
            if name == "crm"
            else f"direct: {{flow: {target}}}"
        )
        lines.append(f"- {{name: {name}, {how}}}")
    lines.append("flows:")
    for flow, steps in flows.items():
        tree = ", ".join(f"{{deliver: {name}}}" for name in steps.split())
        lines.append(f"- {{name: {flow}, steps: [{{waterfall: {{steps: [{tree}]}}}}]}}")
    return "\n".join(lines)


@pytest.mark.parametrize(
    "flows",
    [{"a": "to_b crm", "b": "crm"}, {"a": "to_b to_c", "b": "to_d", "c": "to_d", "d": "crm"}],
    ids=["a chain", "two ways to one flow"],
)
def test_flows_may_deliver_to_each_other(flows: dict[str, str]) -> None:
    assert loaded(a_catalog(**flows)).catalog.flows.keys() == flows.keys()


@pytest.mark.parametrize(
    ("flows", "places", "way"),
    [
        ({"a": "to_a"}, ["to_a"], "flow `a` delivers to `to_a`, and that is flow `a` again"),
        (
            {"a": "crm to_b", "b": "to_c", "c": "crm to_a"},
            ["to_a"],
            "flow `a` delivers to `to_b`, flow `b` delivers to `to_c`, flow `c` delivers to `to_a`, "
            "and that is flow `a` again",
        ),
        (
            {"a": "to_b", "b": "to_c", "c": "to_b crm"},
            ["to_b"],
            "flow `b` delivers to `to_c`, flow `c` delivers to `to_b`, and that is flow `b` again",
        ),
    ],
)
def test_a_circle_is_refused_with_its_place_and_the_way_round(
    flows: dict[str, str], places: list[str], way: str
) -> None:
    problems = refused(a_catalog(**flows))
    assert [line.partition("destinations[")[2].partition("]")[0] for line in problems] == places
    assert problems[0].endswith(f"direct.flow: goes round in a circle: {way}")


def test_a_chain_of_many_flows_is_followed_to_its_end() -> None:
    flows = {f"f{at}": f"to_f{at + 1}" for at in range(3000)} | {"f3000": "to_f0"}
    (problem,) = refused(a_catalog(**flows))
    assert "goes round in a circle" in problem
