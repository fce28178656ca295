"""The bounds of a document: a small file must not ask for much work (behaviour 6, 9)."""

import yaml

from leadrelay.edges.catalog.composer import MAX_DEPTH, MAX_NODES, Budget, Composer
from leadrelay.edges.catalog.problems import Problem
from leadrelay.edges.catalog.yaml_source import SourceFile, read_sources


def problems(*texts: str) -> list[str]:
    files = [SourceFile(f"{number}.yaml", text) for number, text in enumerate(texts)]
    return [str(problem) for problem in read_sources(files).problems]


def test_a_billion_laughs_are_refused_before_they_are_heard() -> None:
    laughs = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    (problem,) = problems(laughs)
    assert problem.endswith(f"the catalog has more than {MAX_NODES} values, counting what aliases repeat")


def test_the_number_of_values_is_counted_over_all_files() -> None:
    half = "- [1, 2, 3]\n" * (MAX_NODES // 8 + 1)
    assert problems(half) == []
    (problem,) = problems(half, half)
    assert problem.startswith("1.yaml:")


def test_depth_is_bounded_whatever_the_stack_could_bear() -> None:
    assert problems("[" * MAX_DEPTH + "]" * MAX_DEPTH) == []
    deep = "[" * 100_000
    assert problems(deep) == [f"0.yaml:1: this is nested more than {MAX_DEPTH} levels deep"]


def test_a_name_with_control_characters_stays_on_one_line_of_a_message() -> None:
    (problem,) = problems('"a\\nb": 1\n"a\\nb": 2\n')
    assert problem == "0.yaml:2: the key `a�b` is here a second time; the first is in line 1"


def test_anchors_do_not_reach_into_the_next_document() -> None:
    assert problems("- &x 1\n---\n- *x\n") == ["0.yaml:3: the alias `x` names nothing that stands before it"]


def test_half_a_character_is_no_text_whichever_parser_let_it_through() -> None:
    """PyYAML's own parser, which serves where there is no libyaml, knows no better."""
    found: list[Problem] = []
    events = yaml.parse('["\\ud800", "\\u00e9"]', Loader=yaml.SafeLoader)
    list(Composer("c.yaml", Budget(), found).documents(events))
    assert list(map(str, found)) == ["c.yaml:1: half of an escaped pair of characters is missing here"]
