"""Plain characters from what keyboards and clipboards send (behaviour 3.4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.typed.cleaning import MAX_TEXT, cleaned


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("  Ann ", "Ann"),
        ("５１２－５５５", "512-555"),  # full width
        ("\u202a(512) 555-0148\u202c", "(512) 555-0148"),  # direction marks, as contacts are copied
        ("512\u2011555\u20110148", "512-555-0148"),  # hyphens that do not break
        ("512\xa0555\u20090148", "512 555 0148"),  # spaces that do not break, and thin ones
        ("\ufeff78701\u200b", "78701"),
        ("٣٤", "34"),
        ("−5", "-5"),
        ("Québec", "Québec"),
        ("10²", "10²"),  # a footnote is no digit
        ("½", "½"),
    ],
)
def test_what_looks_like_plain_characters_becomes_them(raw: str, expected: str) -> None:
    assert cleaned(raw) == expected


def test_a_text_of_no_sensible_length_comes_to_nothing() -> None:
    assert cleaned("1" * MAX_TEXT) == "1" * MAX_TEXT
    assert cleaned("1" * (MAX_TEXT + 1)) == ""


@given(st.text())
def test_cleaning_twice_changes_nothing_more(raw: str) -> None:
    assert cleaned(cleaned(raw)) == cleaned(raw)
