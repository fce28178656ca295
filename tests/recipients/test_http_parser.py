"""Whole requests come out however the bytes were cut, and no peer makes the parser hold more than it may."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.recipients.http_message import Request
from leadrelay.recipients.http_parser import Limits, RequestParser

GET = b"GET /ledger?since=1%202 HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /a%20b HTTP/1.1\r\nHost: a\r\nX-Two: one\r\nX-Two: two\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: t\r\n\r\n"
)
SMALL = Limits(head=1_000, headers=10, body=100)


def read(*pieces: bytes, limits: Limits = SMALL) -> tuple[list[Request], int | None]:
    """The requests that arrive, and the status of the refusal if there is one."""
    parser = RequestParser(limits)
    for piece in pieces:
        parser.feed(piece)
        if parser.refusal is not None:
            break
    status = parser.refusal.status if parser.refusal else None
    return [arrived.request for arrived in parser.arrived], status


@given(st.lists(st.integers(0, len(GET + POST + CHUNKED)), max_size=8))
def test_requests_are_the_same_wherever_the_packets_were_cut(cuts: list[int]) -> None:
    wire = GET + POST + CHUNKED
    edges = [0, *sorted(cuts), len(wire)]
    pieces = [wire[start:end] for start, end in pairwise(edges) if end > start]
    (get, post, chunked), refusal = read(*pieces)
    assert refusal is None
    assert get == Request("GET", "/ledger", "since=1%202", {"host": "a"}, b"")
    assert post == Request(
        "POST", "/a b", "", {"host": "a", "x-two": "one, two", "content-length": "5"}, b"hello"
    )
    assert (chunked.path, chunked.body) == ("/c", b"abcde")
    assert "x-trailer" not in chunked.headers


@pytest.mark.parametrize(
    ("head", "keep_alive"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", True),
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", True),
    ],
)
def test_the_sender_decides_whether_another_request_follows(head: bytes, keep_alive: bool) -> None:
    parser = RequestParser(SMALL)
    parser.feed(head)
    assert parser.arrived.popleft().keep_alive is keep_alive


def test_a_target_in_the_proxys_manner_is_read_by_its_path() -> None:
    (request,), _ = read(b"GET http://a:1/x?y=1 HTTP/1.1\r\nHost: a:1\r\n\r\n")
    assert (request.path, request.query) == ("/x", "y=1")


@pytest.mark.parametrize(
    ("wire", "status"),
    [
        (b"HELLO\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),  # no Host
        (b"GET / HTTP/1.1\r\nHost: a\r\nBad Header: 1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 501),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    ],
)
def test_what_is_not_http_as_spoken_here_is_refused(wire: bytes, status: int) -> None:
    assert read(wire) == ([], status)


def test_requests_before_a_fault_still_arrive() -> None:
    requests, refusal = read(GET + b"nonsense\r\n\r\n")
    assert [request.path for request in requests] == ["/ledger"]
    assert refusal == 400


def test_a_body_announced_as_too_long_is_refused_before_it_comes() -> None:
    assert read(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n") == ([], 413)


def test_a_body_of_exactly_the_limit_is_taken() -> None:
    (request,), refusal = read(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n" + b"x" * 100)
    assert (len(request.body), refusal) == (100, None)


def test_a_chunked_body_is_refused_once_it_is_too_long() -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"32\r\n" + b"x" * 50 + b"\r\n"
    assert read(head, chunk, chunk)[1] is None
    assert read(head, chunk, chunk, chunk) == ([], 413)


START = b"POST / HTTP/1.1\r\nHost: a\r\n"
CHUNKS = START + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("begin", "more"),
    [
        (b"GET /", b"x" * 300),  # an endless target
        (START, b"x" * 300),  # an endless header name, which llhttp reports only when it ends
        (START + b"X: ", b"x" * 300),  # an endless header value
        (START, b"X: " + b"x" * 200 + b"\r\n"),  # endless headers
        (CHUNKS + b"1;", b"x" * 300),  # an endless chunk extension
        (CHUNKS + b"1\r\nx\r\n0\r\nX: ", b"x" * 300),  # an endless trailer
        (CHUNKS + b"0\r\n", b"X: " + b"x" * 200 + b"\r\n"),  # endless trailers
        (b"", b"\r\n" * 150),  # endless blank lines before a request
    ],
)
def test_what_has_no_end_is_refused_after_a_bounded_number_of_bytes(begin: bytes, more: bytes) -> None:
    requests, refusal = read(begin, *[more] * 7)
    assert (requests, refusal) == ([], 431)


def test_many_small_headers_are_refused() -> None:
    head = b"GET / HTTP/1.1\r\nHost: a\r\n" + b"".join(b"h%d: 1\r\n" % n for n in range(10))
    assert read(head + b"\r\n") == ([], 431)


def test_only_a_sender_that_asks_and_waits_is_told_to_go_on() -> None:
    asks = b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    parser = RequestParser(SMALL)
    parser.feed(asks)
    waited = parser.wants_continue
    parser.feed(b"ok")
    assert (waited, parser.wants_continue) == (True, False)
    did_not_wait = RequestParser(SMALL)
    did_not_wait.feed(asks + b"ok")
    assert not did_not_wait.wants_continue
