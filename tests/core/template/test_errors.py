"""What an error of a template says."""

import pytest

from leadrelay.core.template.errors import MAX_OUTPUT, TemplateFault, checked_size, error_at, nearest


def test_an_error_counts_lines_and_columns_from_one() -> None:
    assert str(error_at("a\nbc\nd", 0, "x")) == "line 1, column 1: x"
    assert str(error_at("a\nbc\nd", 3, "x")) == "line 2, column 2: x"
    assert str(error_at("a\nbc\nd", 6, "x")) == "line 3, column 2: x"


def test_a_hint_is_given_for_a_near_miss_only() -> None:
    assert nearest("lowecase", ["lowercase", "uppercase"]) == "; did you mean `lowercase`?"
    assert nearest("zebra", ["lowercase", "uppercase"]) == ""


def test_a_size_above_the_limit_is_a_fault() -> None:
    checked_size(MAX_OUTPUT)
    with pytest.raises(TemplateFault):
        checked_size(MAX_OUTPUT + 1)
