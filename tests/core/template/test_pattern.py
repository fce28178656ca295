"""Regular expressions that a catalog may contain."""

import pytest

from leadrelay.core.template.pattern import compile_pattern


def test_case_counts_unless_it_is_ignored() -> None:
    assert compile_pattern("^A").search("abc") is None
    assert compile_pattern("^A", ignore_case=True).search("abc")


@pytest.mark.parametrize("pattern", ["(", "(?=a)", r"(a)\1", "a{1001}", "x" * 1001])
def test_what_has_no_linear_time_or_is_too_large_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="regular expression"):
        compile_pattern(pattern)


def test_a_lone_surrogate_is_searched_like_any_other_character() -> None:
    expression = compile_pattern("é(.)x")
    assert expression.search("aé\ud800x").start() == 1
    assert [hit.span() for hit in expression.finditer("é\ud800xé\udfffx")] == [(0, 3), (3, 6)]
