"""Rules that can never decide anything are told when they are applied (behaviour 6)."""

import pytest

from leadrelay.core.outcome import Kind
from leadrelay.core.reading import Match, ReadingRule, ReadingSpec, compile_reading
from leadrelay.core.reading.reaching import contradicts_itself, decided_before

OK, A = Match(status="2xx"), Match(path="a", equals="x")


def rules(*tests: tuple[Match, ...]) -> tuple[ReadingRule, ...]:
    return tuple(ReadingRule(outcome=Kind.HARD_REJECT, match=each) for each in tests)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ((A,), (A,)),
        ((A,), (OK, A)),
        ((OK,), (Match(status="200, 204"), A)),
        ((Match(status="100-299, 4xx"),), (Match(status="404"),)),
        ((Match(path="a"),), (A,)),
        ((Match(path="a", exists=True),), (Match(path="a", contains="x"),)),
        ((Match(path="a", contains="zeb"),), (Match(path="a", equals="ZEBRA"),)),
        ((Match(text=True, contains="zeb"),), (Match(text=True, contains_word="zebra"),)),
        ((Match(path="a", is_in=("x", "y")),), (Match(path="a", equals=" X"),)),
        ((Match(path="a", is_in=("x", "y")),), (Match(path="a", is_in=("Y", "x")),)),
        ((Match(header="X-A"),), (Match(header="x-a", equals="1"),)),
    ],
)
def test_a_rule_behind_one_that_always_matches_with_it_is_never_reached(
    earlier: tuple[Match, ...], later: tuple[Match, ...]
) -> None:
    both = rules(earlier, (Match(path="other"),), later)
    assert decided_before(both, 2) == 0
    (warning,) = compile_reading(ReadingSpec(rules=both)).warnings
    assert (warning.index, warning.part) == (2, "")
    assert "rule 1 matches every reply that this one matches" in warning.message


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ((OK, A), (A,)),
        ((A,), (Match(path="b", equals="x"),)),
        ((A,), (Match(path="a", equals="y"),)),
        ((Match(status="200"),), (OK,)),
        ((Match(path="a"),), (Match(path="a", equals=""),)),
        ((Match(path="a"),), (Match(path="a", exists=False),)),
        ((Match(path="a", negate=True),), (A,)),
        ((Match(path="a", equals="x", negate=True),), (A,)),
        ((Match(path="a", contains="x"),), (Match(path="a", matches="x"),)),
        ((Match(path="a", equals="x"),), (Match(path="a", contains="x"),)),
        ((Match(path="a", greater=3),), (Match(path="a", greater=5),)),
        ((), (A,)),
    ],
)
def test_other_rules_may_be_reached(earlier: tuple[Match, ...], later: tuple[Match, ...]) -> None:
    assert decided_before(rules(earlier, later), 1) is None


def test_a_rule_of_two_statuses_matches_none() -> None:
    (never,) = rules((Match(status="200"), Match(status="4xx")))
    assert contradicts_itself(never)
    (warning,) = compile_reading(ReadingSpec(rules=(never,))).warnings
    assert "never matches" in warning.message
    for fine in rules((OK, Match(status="200")), (OK, Match(status="2xx", negate=True)), (A, OK)):
        assert not contradicts_itself(fine)
