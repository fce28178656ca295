"""Terms that are part of their own opposite (behaviour 6)."""

import pytest

from leadrelay.core.reading.traps import trap_in, trap_of
from leadrelay.core.template.pattern import compile_pattern

TRAPS = [
    "success",
    "Successful",
    "valid",
    "accepted",
    "approved",
    "qualified",
    "sold",
    "true",
    "match",
    "complete",
]


@pytest.mark.parametrize("term", [*TRAPS, "eligible", "available", "ok", "not a", " sent "])
def test_a_yes_that_is_found_within_a_no_is_told(term: str) -> None:
    assert f"`{term.strip().lower()}` is also part of" in trap_of(term)


@pytest.mark.parametrize(
    "term", ["unsuccessful", "invalid", "duplicate", "rejected", "", "a", "Lead ID", "status: 1"]
)
def test_other_terms_are_no_traps(term: str) -> None:
    assert trap_of(term) == ""


@pytest.mark.parametrize("pattern", [*TRAPS, "succ.ss", "(ok|accepted)", "s[ou]ld"])
def test_a_pattern_that_finds_a_yes_within_a_no_is_told(pattern: str) -> None:
    assert "also finds" in trap_in(compile_pattern(pattern, ignore_case=True), pattern)


@pytest.mark.parametrize(
    "pattern",
    [r"^success", r"\"success\"", ".*", "", "unsuccessful|invalid", r"^(un)?sold: \d", "[0-9]+", "duplicate"],
)
def test_other_patterns_are_not(pattern: str) -> None:
    assert trap_in(compile_pattern(pattern, ignore_case=True), pattern) == ""
