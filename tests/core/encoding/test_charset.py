"""Charsets and transliteration (behaviour 3.5)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.encoding.charset import codec_name, in_charset, transliterated, transliterated_payload
from leadrelay.core.encoding.payload import Payload


@pytest.mark.parametrize(
    ("words", "plain"),
    [
        ("Renée Müller", "Renee Muller"),
        ("Straße, Łódź, Ærø, Þór", "Strasse, Lodz, AEro, Thor"),
        ("“Quote” – it’s…", '"Quote" - it\'s...'),
        ("ﬁ ½ Ⅳ №", "fi 1/2 IV No"),
        ("a\u00a0b\u200bc", "a bc"),
        ("price: 5€", "price: 5EUR"),
        ("日本", "??"),
        ("😀", "?"),
    ],
)
def test_letters_lose_their_marks_and_typography_becomes_plain(words: str, plain: str) -> None:
    assert transliterated(words) == plain


def test_names_and_nested_values_are_transliterated_too() -> None:
    payload = Payload({"é": [{"ü": "ö"}, 5, None], "n": 1.5})
    assert transliterated_payload(payload) == {"e": [{"u": "o"}, 5, None], "n": 1.5}


def test_a_charset_falls_back_to_the_nearest_character() -> None:
    assert in_charset("é ś “x” 日", "latin-1") == b'\xe9 s "x" ?'


@pytest.mark.parametrize("charset", ["", "UTF-8", "iso-8859-1", "windows-1252", "utf-16", "ascii"])
def test_known_charsets(charset: str) -> None:
    assert codec_name(charset)


@pytest.mark.parametrize("charset", ["klingon", "hex", "rot13", "base64", "zip"])
def test_what_is_no_charset(charset: str) -> None:
    assert codec_name(charset) is None


@given(st.text())
def test_every_text_becomes_ascii_and_stays_what_json_can_hold(words: str) -> None:
    plain = transliterated(words)
    assert plain.isascii()
    assert json.loads(json.dumps(plain)) == plain
    assert isinstance(in_charset(words, "cp1252"), bytes)
