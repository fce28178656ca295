"""How problems are told: one line each, as compilers do."""

from leadrelay.edges.catalog.problems import (
    CatalogRefused,
    Problem,
    did_you_mean,
    listed,
    named,
    nearest,
    render_problems,
)


def test_a_problem_is_rendered_as_compilers_do() -> None:
    problems = [
        Problem("a.yaml", 3, "flows[f].steps[0]", "is wrong"),
        Problem("a.yaml", 0, "", "cannot be read"),
        Problem("", 0, "", "the catalog is empty"),
    ]
    assert render_problems(problems) == (
        "a.yaml:3: flows[f].steps[0]: is wrong\na.yaml: cannot be read\nthe catalog is empty"
    )


def test_a_refusal_tells_problems_in_the_order_of_the_files_and_each_once() -> None:
    late, early = Problem("a.yaml", 9, "", "late"), Problem("a.yaml", 2, "", "early")
    other = Problem("b.yaml", 1, "", "other")
    refusal = CatalogRefused([other, late, early, late])
    assert refusal.problems == (early, late, other)
    assert str(refusal) == "a.yaml:2: early\na.yaml:9: late\nb.yaml:1: other"


def test_the_nearest_spelling_ignores_case_and_dashes_and_prefers_the_first() -> None:
    assert nearest("Pass-Through", ["pass_through", "mapping"]) == "pass_through"
    assert nearest("phone", ["phone_3", "phone_1", "phone_2"]) == "phone_1"
    assert nearest("nothing_like_it", ["url", "body"]) is None


def test_without_a_near_spelling_the_known_ones_are_listed() -> None:
    assert did_you_mean("crn", ["crm"], otherwise="there are") == "; did you mean `crm`?"
    assert did_you_mean("xyz", ["b", "a"], otherwise="there are") == "; there are: `a`, `b`"
    assert did_you_mean("xyz", [], otherwise="there are") == ""


def test_a_list_of_names_does_not_hide_the_message() -> None:
    assert listed(["a", "b", "c"], most=2) == "`a`, `b`, and 1 more"


def test_a_foreign_word_is_short_and_on_one_line() -> None:
    assert named("a\nb\x1b[2J") == "`a�b�[2J`"
    assert len(named("x" * 1000)) == 62
