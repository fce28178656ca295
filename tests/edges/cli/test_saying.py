"""Remarks: on standard error, and harmless to a terminal whoever chose their words."""

import pytest

from leadrelay.edges.cli.saying import plain, say


def test_a_remark_goes_to_standard_error_and_changes_nothing_about_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    say("two\nlines \x1b[31mred\x07")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "two\nlines ?[31mred?\n")


@pytest.mark.parametrize(
    ("words", "shown"), [("é😀 ü", "é😀 ü"), ("a\r\nb\tc", "a??b?c"), ("\u202eabc", "?abc")]
)
def test_words_of_others_are_plain(words: str, shown: str) -> None:
    assert plain(words) == shown
