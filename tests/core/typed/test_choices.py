"""Booleans and genders (behaviour 3.4)."""

import pytest

from leadrelay.core.typed import boolean, gender


@pytest.mark.parametrize("raw", ["y", "Yes", "TRUE", "t", "1", " yes ", "Ｙ"])
def test_a_yes_is_true(raw: str) -> None:
    assert boolean(raw).normal is True


@pytest.mark.parametrize("raw", ["n", "No", "FALSE", "f", "0", "no\xa0"])
def test_a_no_is_false_and_still_valid(raw: str) -> None:
    assert boolean(raw).valid
    assert boolean(raw).normal is False


@pytest.mark.parametrize("raw", ["", " ", "maybe", "N/A", "2", "yes please", "1.0"])
def test_anything_else_is_no_boolean(raw: str) -> None:
    assert not boolean(raw).valid


@pytest.mark.parametrize(
    ("raw", "normal", "letter"),
    [
        ("m", "male", "M"),
        ("Male", "male", "M"),
        (" F ", "female", "F"),
        ("FEMALE", "female", "F"),
        ("o", "other", "O"),
    ],
)
def test_a_gender_is_a_word_and_its_letter_is_a_part(raw: str, normal: str, letter: str) -> None:
    assert gender(raw).normal == normal
    assert gender(raw).part("abbr") == gender(raw).part("abbreviation") == letter


@pytest.mark.parametrize("raw", ["", "50", "non-binary", "mal", "N/A"])
def test_a_gender_in_other_words_goes_out_as_given(raw: str) -> None:
    assert not gender(raw).valid
    assert gender(raw).raw == raw
