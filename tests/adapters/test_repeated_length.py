"""A length that is said several times is one length where they agree, and as it came where they do not."""

import pytest

from leadrelay.adapters.repeated_length import with_one_length

ONE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: y\r\n\r\nok"


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 2\r\nX: y\r\nContent-Length: 2",
        b"Content-Length: 2\r\ncontent-length:2 \r\nX: y\r\nCONTENT-LENGTH: 2",
        b"content-length: 2, 2\r\nX: y",
        b"Content-Length: 2,2\r\nContent-Length: 2\r\nX: y",
    ],
)
def test_lengths_that_agree_are_one(head: bytes) -> None:
    assert with_one_length(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\nok") == ONE


@pytest.mark.parametrize(
    "received",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2,\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: +2, +2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nX: y\r\n Content-Length: 2\r\n\r\nContent-Length: 2\r\nContent-Length: 2",
        ONE,
    ],
)
def test_what_is_in_doubt_stays_as_it_came(received: bytes) -> None:
    assert with_one_length(received) == received


def test_only_the_answers_own_head_is_looked_at() -> None:
    informational = b"HTTP/1.1 103 Early Hints\r\nContent-Length: 1, 1\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\nContent-Length: 2\nContent-Length: 2\n\nok"
    assert with_one_length(informational + answer) == (
        informational + b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok"
    )


def test_nothing_is_said_of_a_head_that_is_not_whole() -> None:
    assert with_one_length(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n") is None
