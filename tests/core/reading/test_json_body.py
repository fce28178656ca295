"""JSON bodies: exact, and bounded."""

import pytest

from leadrelay.core.reading.json_body import MAX_DEPTH, NotJson, parse_json


def test_no_digit_of_a_long_number_is_lost() -> None:
    assert parse_json(b'{"id": 90071992547409931234}') == {"id": "90071992547409931234"}


@pytest.mark.parametrize(
    ("body", "why"),
    [(b" ", "empty"), (b"{", "not JSON"), (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "nested more")],
)
def test_what_is_not_read_says_why(body: bytes, why: str) -> None:
    with pytest.raises(NotJson, match=why):
        parse_json(body)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (rb"\ud83d\ude00 \ud83d", "\U0001f600 \ufffd"),  # a text that was cut in the middle of an emoji
        (rb"\uDE00\ud83dx", "\ufffd\ufffdx"),
        (rb"\\ud83d \ud83d", "\\ud83d \ufffd"),  # the first is a backslash and four letters
        (rb"12345678901234567890 \ud83d", "12345678901234567890 \ufffd"),
    ],
)
def test_half_a_character_spoils_no_reply(written: bytes, read: str) -> None:
    assert parse_json(b'["%b"]' % written) == [read]
