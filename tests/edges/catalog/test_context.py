"""From what the core says of a part to the place in the file."""

import pytest

from leadrelay.core.fields import WELL_KNOWN
from leadrelay.core.values import NotCompiled, Problem
from leadrelay.edges.catalog.context import Context, parts_of
from leadrelay.edges.catalog.findings import Findings, Path


def a_context() -> Context:
    return Context(findings=Findings(), fields=dict(WELL_KNOWN), sensitive=frozenset())


@pytest.mark.parametrize(
    ("problem", "path"),
    [
        (Problem(2, "match[0].path", ""), ("rules", 2, "match", 0, "path")),
        (Problem(0, "match[1].is_in", ""), ("rules", 0, "match", 1, "in")),
        (Problem(None, "price[3]", ""), ("price", 3)),
        (Problem(None, "capture.url", ""), ("capture", "url")),
    ],
)
def test_a_part_of_the_core_becomes_a_path_of_the_catalog(problem: Problem, path: Path) -> None:
    assert parts_of(problem, "rules") == path


def test_warnings_among_the_problems_of_the_core_stay_warnings() -> None:
    context = a_context()
    error = NotCompiled((Problem(0, "to", "is bad"), Problem(0, "value", "is odd", is_warning=True)))
    context.complain_all(("destinations", 0), error, "mapping")
    assert [str(problem) for problem in context.findings.problems] == [
        "destinations[0].mapping[0].to: is bad"
    ]
    assert [str(warning) for warning in context.findings.warnings] == [
        "destinations[0].mapping[0].value: is odd"
    ]


def test_remembers_which_fields_are_read_where() -> None:
    context = a_context()
    context.template(("a",), "{{first_name}} {{lead.state}}")
    context.condition(("b",), "loan_amount > 5")
    assert context.read_at == {
        ("a",): frozenset({"first_name", "state"}),
        ("b",): frozenset({"loan_amount"}),
    }


def test_a_condition_that_is_not_there_is_no_problem() -> None:
    context = a_context()
    assert context.condition(("when",), "") is None
    assert not context.findings.problems
