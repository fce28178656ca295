"""From a path in the merged message to a place that a person recognises."""

from leadrelay.edges.catalog.findings import Findings, Spot
from leadrelay.edges.catalog.nodes import Place


def test_a_problem_is_placed_where_its_path_was_written() -> None:
    findings = Findings()
    findings.note(("destinations", 0), Spot(Place("c.yaml", 4), "destinations[crm]"))
    findings.note(("destinations", 0, "url"), Spot(Place("c.yaml", 5), "destinations[crm].url"))
    findings.problem(("destinations", 0, "url"), "bad")
    findings.problem(("destinations", 0, "retry", "on", 2), "bad")  # not written: its nearest ancestor
    findings.problem(("flows", 3), "bad")
    assert list(map(str, findings.problems)) == [
        "c.yaml:5: destinations[crm].url: bad",
        "c.yaml:4: destinations[crm].retry.on[2]: bad",
        "flows[3]: bad",
    ]


def test_a_line_inside_a_block_text_is_a_line_of_the_file() -> None:
    findings = Findings()
    findings.note(("a",), Spot(Place("c.yaml", 4, 1, text_line=5), "a"))
    findings.warning(("a",), "odd", text_line=3)
    assert [warning.line for warning in findings.warnings] == [7]


def test_what_a_damaged_message_lacks_is_no_news() -> None:
    findings = Findings()
    findings.damage(("destinations", 0))
    findings.absence(("destinations", 0), "lacks a url")
    findings.absence(("destinations", 1), "lacks a url")
    assert [problem.path for problem in findings.problems] == ["destinations[1]"]
