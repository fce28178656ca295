"""What is wrong with a reading is told at apply time, all of it (behaviour 2 and 6)."""

import pytest

from leadrelay.core.outcome import Kind
from leadrelay.core.reading import Match, ReadingRule, ReadingSpec, compile_reading
from leadrelay.core.values import NotCompiled


def test_all_problems_are_told_with_rule_and_part() -> None:
    spec = ReadingSpec(
        rules=(
            ReadingRule(
                outcome=Kind.SKIPPED,
                match=(
                    Match(path="/a/b["),
                    Match(status="2x"),
                    Match(),
                    Match(text=True, contains="a", equals="b"),
                    Match(header="a", path="b"),
                    Match(path="a", matches="("),
                    Match(path="a", is_in=()),
                    Match(path="a", contains=""),
                    Match(status="299-200"),
                    Match(status="200", equals="x"),
                    Match(path="a", greater=float("nan")),
                    Match(path="css:..x"),
                    Match(path="a..b"),
                    Match(path="a[?(@.b]"),
                ),
            ),
            ReadingRule(outcome=Kind.SUCCESS, reason="{{a"),
        ),
        otherwise=Kind.SKIPPED,
        price=("ok", "a..b"),
        reference=("regex:(", "header:two words"),
        capture={"x": ""},
    )
    with pytest.raises(NotCompiled) as caught:
        compile_reading(spec)
    assert [(p.index, p.part) for p in caught.value.problems] == [
        (0, "outcome"),
        (0, "match[0].path"),
        (0, "match[1].status"),
        (0, "match[2].subject"),
        (0, "match[3].contains"),
        (0, "match[4].subject"),
        (0, "match[5].matches"),
        (0, "match[6].in"),
        (0, "match[7].contains"),
        (0, "match[8].status"),
        (0, "match[9].status"),
        (0, "match[10].greater"),
        (0, "match[11].path"),
        (0, "match[12].path"),
        (0, "match[13].path"),
        (1, "reason"),
        (None, "otherwise"),
        (None, "price[1]"),
        (None, "reference[0]"),
        (None, "reference[1]"),
        (None, "capture.x"),
    ]


@pytest.mark.parametrize("term", ["success", "valid", "Accepted", "able", "match"])
def test_a_term_that_is_part_of_its_own_opposite_is_a_warning(term: str) -> None:
    def warnings(match: Match) -> tuple[str, ...]:
        reading = compile_reading(ReadingSpec(rules=(ReadingRule(outcome=Kind.SUCCESS, match=(match,)),)))
        assert all(problem.is_warning for problem in reading.warnings)
        return tuple(problem.part for problem in reading.warnings)

    assert warnings(Match(text=True, contains=term)) == ("match[0].contains",)
    assert warnings(Match(text=True, contains_word=term)) == ()
    assert warnings(Match(text=True, contains="unsuccessful")) == ()
