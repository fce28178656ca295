"""What may stand in the head of a request: nothing that could write a second one behind it."""

import pytest

from leadrelay import __version__
from leadrelay.adapters.head import Origin, message_of, raw_headers, request_method, split_url, written
from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import Headers, Request
from leadrelay.core.outcome import ReasonCode

BUYER = Origin("https", "buyer.example", 443)


@pytest.mark.parametrize(
    ("url", "origin", "authority", "target"),
    [
        ("http://buyer.example", Origin("http", "buyer.example", 80), "buyer.example", "/"),
        ("https://Buyer.Example:443/a", BUYER, "buyer.example", "/a"),
        ("https://buyer.example:80/", Origin("https", "buyer.example", 80), "buyer.example:80", "/"),
        ("HTTPS://buyer.example/a%20b?x=1&y=#part", BUYER, "buyer.example", "/a%20b?x=1&y="),
        ("https://buyer.example?x=/", BUYER, "buyer.example", "/?x=/"),
        ("http://[::1]:7480/", Origin("http", "::1", 7480), "[::1]:7480", "/"),
        ("http://10.0.0.1/", Origin("http", "10.0.0.1", 80), "10.0.0.1", "/"),
        ("http://buyer_1.example./", Origin("http", "buyer_1.example.", 80), "buyer_1.example.", "/"),
    ],
)
def test_a_url_names_an_origin_and_a_target(url: str, origin: Origin, authority: str, target: str) -> None:
    assert split_url(url) == (origin, target)
    assert origin.authority == authority


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "blanks"),
        ("/leads", "http://"),
        ("buyer.example/leads", "http://"),
        ("buyer.example:443/leads", "http://"),
        ("ftp://buyer.example/", "http://"),
        ("http:/leads", "http://"),
        ("http:///leads", "http://"),
        ("http://:80/", "host"),
        ("http://buyer.example:http/", "port"),
        ("http://buyer.example:70000/", "port"),
        ("http://buyer.example:-1/", "port"),
        ("http://[::1", "host"),
        ("http://[fe80::1%25eth0]/", "IPv6"),
        ("http://[1::2::3]/", "host"),
        ("http://buyer%2eexample/", "host"),
        ("http://-buyer.example/", "host"),
        ("http://ada:hush@buyer.example/", "basic"),
        ("http://buyer.example/a b", "blanks"),
        ("http://buyer.example/a\r\nHost: other", "blanks"),
        ("http://buyer.example/a\n", "blanks"),
        ("http://buyer.example/caf\u00e9", "non-ASCII"),
    ],
)
def test_a_url_that_is_not_whole_is_refused_without_being_repeated(url: str, words: str) -> None:
    with pytest.raises(NotSent, match=words) as caught:
        split_url(url)
    assert caught.value.code is ReasonCode.MAPPING_INVALID
    assert not any(part in caught.value.words for part in ("hush", "buyer", "other"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Name", "Ada\r\nX-Admin: yes"),
        ("X-Name", "Ada\nX-Admin: yes"),
        ("X-Name", "Ada\rX-Admin: yes"),
        ("X-Name", "Ada\n"),
        ("X-Name", "Ada\x00"),
        ("X-Name", "Ada\x7f"),
        ("X-Name", "Ada\ud800"),
        ("X Name", "Ada"),
        ("X-Name:", "Ada"),
        ("X-N\u00e4me", "Ada"),
        ("", "Ada"),
        ("Content-Length", "0"),
        ("transfer-encoding", "chunked"),
        ("Connection", "keep-alive, x-name"),
        ("Upgrade", "h2c"),
        ("Expect", "100-continue"),
        ("X-\x00Name", "Ada"),
    ],
)
def test_headers_that_could_write_a_second_request_are_refused(name: str, value: str) -> None:
    with pytest.raises(NotSent) as caught:
        raw_headers(((name, value),), BUYER, "POST", b"")
    assert caught.value.code is ReasonCode.MAPPING_INVALID
    assert "Ada" not in caught.value.words


@pytest.mark.parametrize("method", ["", "PO ST", "POST\r\n", "POST\n", "CONNECT", "connect"])
def test_methods_that_http_cannot_carry_are_refused(method: str) -> None:
    with pytest.raises(NotSent) as caught:
        request_method(method)
    assert caught.value.code is ReasonCode.MAPPING_INVALID


def test_a_message_is_the_whole_request_and_is_written_in_one_piece() -> None:
    request = Request(method="POST", url="https://buyer.example/a?x=1", headers=(("Host", "b"),), body=b"{}")
    message = message_of(request)
    assert (message.origin, message.method, message.target) == (BUYER, b"POST", "/a?x=1")
    head, _, body = written(message).partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"POST /a?x=1 HTTP/1.1"
    assert (b"Host: b" in head.split(b"\r\n"), body) == (True, b"{}")


def test_a_request_says_who_sends_it_and_wants_no_content_coding() -> None:
    assert raw_headers((("X-Name", " Ren\u00e9e\t"),), BUYER, "POST", b"{}") == [
        (b"Host", b"buyer.example"),
        (b"User-Agent", f"leadrelay/{__version__}".encode()),
        (b"Accept", b"*/*"),
        (b"Accept-Encoding", b"identity"),
        (b"Content-Length", b"2"),
        (b"X-Name", b"Ren\xc3\xa9e"),
    ]


def test_a_destinations_own_headers_take_the_place_of_ours() -> None:
    own: Headers = (
        ("user-agent", "crm"),
        ("ACCEPT", "text/xml"),
        ("accept-encoding", "gzip"),
        ("host", "b.example"),
    )
    raw = raw_headers(own, BUYER, "GET", b"")
    assert raw == [(name.encode(), value.encode()) for name, value in own]


@pytest.mark.parametrize(
    ("method", "is_said"), [("POST", True), ("PUT", True), ("GET", False), ("DELETE", False)]
)
def test_an_empty_body_is_announced_where_one_is_expected(method: str, is_said: bool) -> None:
    assert ((b"Content-Length", b"0") in raw_headers((), BUYER, method, b"")) is is_said
