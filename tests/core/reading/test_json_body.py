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
