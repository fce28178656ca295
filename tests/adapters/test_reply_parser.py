"""One reply out of bytes: the same however they are cut, bounded in every direction, strict about its end."""

import zlib
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leadrelay.adapters.reply_parser import MAX_HEAD, MAX_HEADERS, ReplyParser
from leadrelay.core.errors import NoAnswer
from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import ReasonCode

LIMIT = 4096  # bytes of a body


def gzipped(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(body) + packer.flush()


def in_pieces(received: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(received), size):
        yield received[start : start + size]


def parsed(received: bytes, *, size: int = 65536, is_head: bool = False, ended: bool = False) -> ReplyParser:
    """As a connection feeds it: no more once there is a reply, and what is left belongs to nobody."""
    parser = ReplyParser(is_head=is_head, max_body=LIMIT)
    for piece in in_pieces(received, size):
        parser.feed(piece)
    if ended and parser.reply is None:
        parser.end()
    return parser


def reply_to(received: bytes, *, size: int = 65536, is_head: bool = False, ended: bool = False) -> Reply:
    reply = parsed(received, size=size, is_head=is_head, ended=ended).reply
    assert reply is not None
    return reply


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\naccepted"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 65536])
@pytest.mark.parametrize(
    "received",
    [
        pytest.param(OK, id="by length"),
        pytest.param(CHUNKED + b"3\r\nacc\r\n5;x=y\r\nepted\r\n0\r\n\r\n", id="in chunks"),
        pytest.param(CHUNKED + b"3  \r\nacc\r\n5\t;x=y\r\nepted\r\n0 \r\n\r\n", id="in padded chunks"),
        pytest.param(CHUNKED + b"8\r\naccepted\r\n0\r\nX-Sum: 1\r\n\r\n", id="with trailers"),
        pytest.param(b"HTTP/1.1 200 OK\nContent-Length: 8\n\naccepted", id="bare LF"),
        pytest.param(b"HTTP/1.1 200 OK\r\nA: b\nContent-Length: 8\r\n\r\naccepted", id="one bare LF"),
        pytest.param(b"HTTP/1.1 200\r\nContent-Length: 8\r\n\r\naccepted", id="no reason phrase"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" + OK.replace(b"8\r", b"8, 8\r"), id="a length twice"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length:\r\n\t8\r\nX: a\r\n b\r\n\r\naccepted", id="folded headers"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\nX: a\n Transfer-Encoding: chunked\nContent-Length: 8\n\naccepted",
            id="what a fold hides is no header",
        ),
        pytest.param(b"\r\n\r\n" + OK, id="blank lines before it"),
        pytest.param(b"HTTP/1.0 200 OK\r\nContent-Length: 8\r\n\r\naccepted", id="HTTP/1.0"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 50 + OK, id="many informational ones"),
        pytest.param(
            b"HTTP/1.1 103 Early Hints\r\nContent-Length: 3\r\nKeep-Alive: timeout=1\r\n\r\n" + OK,
            id="what an informational one says of itself is not said of the answer",
        ),
    ],
)
def test_a_reply_is_the_same_however_it_is_cut(received: bytes, size: int) -> None:
    parser = parsed(received, size=size)
    assert parser.reply is not None
    assert (parser.reply.status, parser.reply.body) == (200, b"accepted")
    assert parser.may_go_on is not received.startswith(b"HTTP/1.0")
    assert parser.announced_rest is None


@pytest.mark.parametrize("size", [1, 65536])
def test_a_body_may_end_with_the_connection_and_then_nothing_can_follow(size: int) -> None:
    parser = parsed(b"HTTP/1.1 200 OK\r\n\r\naccepted", size=size, ended=True)
    assert parser.reply is not None
    assert (parser.reply.body, parser.may_go_on) == (b"accepted", False)


@pytest.mark.parametrize(
    ("head", "is_head"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", False),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 8\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", True),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n", True),
    ],
)
@pytest.mark.parametrize("size", [1, 65536])
def test_what_has_no_body_ends_with_its_head(head: bytes, is_head: bool, size: int) -> None:
    parser = parsed(head, size=size, is_head=is_head)
    assert parser.reply is not None
    assert (parser.reply.body, parser.may_go_on) == (b"", not is_head)


@pytest.mark.parametrize("size", [1, 65536])
@pytest.mark.parametrize(
    "behind", [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b"x", b"\x00", b"accepted"]
)
@pytest.mark.parametrize("first", [OK, CHUNKED + b"8\r\naccepted\r\n0\r\n\r\n"])
def test_nothing_follows_on_a_connection_on_which_something_came_unasked(
    first: bytes, behind: bytes, size: int
) -> None:
    parser = parsed(first + behind, size=size)
    assert parser.reply is not None
    assert (parser.reply.body, parser.may_go_on) == (b"accepted", False)


def test_a_body_behind_the_head_of_an_answer_to_head_came_unasked() -> None:
    parser = parsed(OK, is_head=True)
    assert parser.reply is not None
    assert (parser.reply.body, parser.may_go_on) == (b"", False)


@pytest.mark.parametrize(
    ("head", "may_go_on"),
    [
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n", False),
        (b"HTTP/1.1 200 OK\r\nConnection: Keep-Alive, Close\r\n", False),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n", True),
        (b"HTTP/1.1 200 OK\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n", True),
    ],
)
def test_a_recipient_says_whether_another_request_may_follow(head: bytes, may_go_on: bool) -> None:
    assert parsed(head + b"Content-Length: 0\r\n\r\n").may_go_on is may_go_on


def test_a_chunked_reply_of_http_1_0_is_read_and_nothing_follows() -> None:
    parser = parsed(CHUNKED.replace(b"1.1", b"1.0") + b"2\r\nok\r\n0\r\n\r\n")
    assert parser.reply is not None
    assert (parser.reply.body, parser.may_go_on) == (b"ok", False)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [(b"timeout=3, max=100", 3), (b'max=5, TimeOut = "7"', 7), (b"max=100", None), (b"timeout=x", None)],
)
def test_a_recipient_says_how_long_it_waits(said: bytes, seconds: float | None) -> None:
    head = b"HTTP/1.1 200 OK\r\nKeep-Alive: %s\r\nContent-Length: 0\r\n\r\n" % said
    assert parsed(head).announced_rest == seconds


def test_headers_keep_their_order_their_case_and_their_repeats() -> None:
    received = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1 \t\r\nX-Name:\tRen\xe9e\r\n A.\r\nset-cookie: b=2\r\n\r\n"
    assert reply_to(received, ended=True).headers == (
        ("Set-Cookie", "a=1"),
        ("X-Name", "Ren\u00e9e A."),
        ("set-cookie", "b=2"),
    )


@pytest.mark.parametrize("size", [1, 65536])
@pytest.mark.parametrize(
    ("received", "code", "words"),
    [
        (b"accepted\n", ReasonCode.PROTOCOL, "check the scheme and the port"),
        (b"<html><body>It works!</body></html>", ReasonCode.PROTOCOL, "not HTTP/1.1"),
        (b"\x15\x03\x01\x00\x02\x02\x28", ReasonCode.PROTOCOL, "not HTTP/1.1"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", ReasonCode.PROTOCOL, "not HTTP/1.1"),
        (
            b"\x00\x00\x06\x04" + bytes(5) + b"\x00\x03\x00\x00\x00\x64",
            ReasonCode.PROTOCOL,
            "`http_version: 2`",
        ),
        (b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n", ReasonCode.PROTOCOL, "another version"),
        (b"HTTP/0.9 200 OK\r\nContent-Length: 0\r\n\r\n", ReasonCode.PROTOCOL, "another version"),
        (b"HTTP/1.1 099 Hm\r\nContent-Length: 0\r\n\r\n", ReasonCode.PROTOCOL, "below 100"),
        (b"HTTP/1.1 20 OK\r\n\r\n", ReasonCode.PROTOCOL, "status"),
        (b"HTTP/1.1 2000 OK\r\n\r\n", ReasonCode.PROTOCOL, "status"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", ReasonCode.PROTOCOL, "another protocol"),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x05",
            ReasonCode.PROTOCOL,
            "another protocol",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            ReasonCode.PROTOCOL,
            "send one of the two",
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            ReasonCode.PROTOCOL,
            "send one of the two",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", ReasonCode.PROTOCOL, "Dup"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n", ReasonCode.PROTOCOL, "Content-Length"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nTransfer-Encoding: chunked\r\n\r\n",
            ReasonCode.PROTOCOL,
            "both",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n" + b"X: y\r\n" * 300 + b"\r\n",
            ReasonCode.RESPONSE_TOO_LARGE,
            "headers",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\nX: " + b"y" * MAX_HEAD,
            ReasonCode.RESPONSE_TOO_LARGE,
            "headers",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", ReasonCode.PROTOCOL, "Content-Length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", ReasonCode.PROTOCOL, "Content-Length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1e3\r\n\r\n", ReasonCode.PROTOCOL, "Content-Length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % 10**30, ReasonCode.PROTOCOL, "overflow"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            ReasonCode.PROTOCOL,
            "transfer coding",
        ),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n", ReasonCode.PROTOCOL, "transfer coding"),
        (CHUNKED + b"zz\r\n", ReasonCode.PROTOCOL, "chunk size"),
        (CHUNKED + b"-1\r\n", ReasonCode.PROTOCOL, "chunk size"),
        (CHUNKED + b"2 2\r\n", ReasonCode.PROTOCOL, "chunk size"),
        (CHUNKED + b"fffffffffffffffff\r\n", ReasonCode.PROTOCOL, "Chunk size overflow"),
        (CHUNKED + b"2\r\nokx", ReasonCode.PROTOCOL, "after chunk"),
        (CHUNKED + b"2\nok\n0\n\n", ReasonCode.PROTOCOL, "not HTTP/1.1"),
        (b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n", ReasonCode.PROTOCOL, "control character"),
        (b"HTTP/1.1 200 OK\r\nX: a\x1bb\r\n\r\n", ReasonCode.PROTOCOL, "control character"),
        (CHUNKED + b"0\r\nX: a\x00b\r\n\r\n", ReasonCode.PROTOCOL, "control character"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n 0\r\n\r\n0123456789",
            ReasonCode.PROTOCOL,
            "Content-Length",
        ),
        (b"HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n", ReasonCode.PROTOCOL, "header value"),
        (b"HTTP/1.1 200 OK\r\nX : a\r\n\r\n", ReasonCode.PROTOCOL, "header token"),
        (b"HTTP/1.1 200 OK\r\nnothing\r\n\r\n", ReasonCode.PROTOCOL, "header token"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nx", ReasonCode.PROTOCOL, "content coding"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: " + b"gzip, " * 4 + b"\r\n\r\n",
            ReasonCode.PROTOCOL,
            "more than 3",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzipped(b"no length, cut short")[:-5],
            ReasonCode.PROTOCOL,
            "ended too early",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Encoding: gzip\r\n\r\n"
            + gzipped(gzipped(b"x" * LIMIT) + gzipped(b"y")),
            ReasonCode.RESPONSE_TOO_LARGE,
            "body",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\ntext",
            ReasonCode.PROTOCOL,
            "damaged",
        ),
        (b"HTTP/1.1 200 OK\r\nConte", ReasonCode.RESET, "before its answer was complete"),
        (b"", ReasonCode.RESET, "before its answer was complete"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", ReasonCode.RESET, "before its answer was complete"),
        (OK[:-1], ReasonCode.RESET, "before its answer was complete"),
        (CHUNKED + b"8\r\naccepted\r\n0\r\n", ReasonCode.RESET, "before its answer was complete"),
    ],
)
def test_what_is_no_reply_is_refused_in_words(
    received: bytes, size: int, code: ReasonCode, words: str
) -> None:
    with pytest.raises(NoAnswer, match=words) as caught:
        parsed(received, size=size, ended=True)
    assert caught.value.code is code


@pytest.mark.parametrize("size", [1, 1000, 65536])
@pytest.mark.parametrize(
    "received",
    [
        pytest.param(b"HTTP/1.1 200 " + b"x" * MAX_HEAD, id="a reason phrase"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b" " * MAX_HEAD, id="blanks"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"x" * MAX_HEAD, id="a header's value"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"x" * MAX_HEAD, id="a header's name"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * (MAX_HEADERS + 2), id="headers"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 3000, id="informational replies"),
        pytest.param(b"\r\n" * MAX_HEAD, id="blank lines"),
        pytest.param(CHUNKED + b"2;" + b"x" * 2 * MAX_HEAD, id="a chunk's extension"),
        pytest.param(CHUNKED + b"0\r\nX: " + b"x" * 2 * MAX_HEAD, id="a trailer"),
        pytest.param(CHUNKED + b"0\r\n" + b"A: b\r\n" * (MAX_HEADERS + 2), id="trailers"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (LIMIT + 1), id="a body without a length"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (LIMIT + 1) + b"x" * (LIMIT + 1), id="a body"
        ),
        pytest.param(CHUNKED + b"400\r\n%s\r\n" % (b"x" * 1024) * 5, id="chunks"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzipped(bytes(10_000_000)),
            id="a gzip bomb",
        ),
    ],
)
def test_nothing_in_a_reply_is_without_bound(received: bytes, size: int) -> None:
    with pytest.raises(NoAnswer, match=r"that are taken; ask") as caught:
        parsed(received, size=size, ended=True)
    assert caught.value.code is ReasonCode.RESPONSE_TOO_LARGE


@pytest.mark.parametrize("size", [1, 65536])
def test_the_bounds_are_exact(size: int) -> None:
    blanks = MAX_HEAD - len(b"HTTP/1.1 204 OK\r\nX: y\r\n\r\n")
    assert reply_to(b"HTTP/1.1 204 OK\r\nX: %sy\r\n\r\n" % (b" " * blanks), size=size).status == 204
    headers = b"A: b\r\n" * MAX_HEADERS
    assert len(reply_to(b"HTTP/1.1 204 OK\r\n" + headers + b"\r\n", size=size).headers) == MAX_HEADERS
    body = b"x" * LIMIT
    assert reply_to(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % LIMIT + body, size=size).body == body


def test_a_reply_in_very_many_chunks_is_none_too_large() -> None:
    assert reply_to(CHUNKED + b"1\r\nx\r\n" * LIMIT + b"0\r\n\r\n", size=1000).body == b"x" * LIMIT


# At random (`make fuzz`): mutated replies, in any pieces.

PIECES = [
    OK,
    CHUNKED,
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.0 302 Found\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 103 \r\n",
    b"HTTP/1.1 204 No Content\r\n",
    b"Content-Length: 8\r\n",
    b"Content-Length: 99999999\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Connection: close\r\n",
    b" folded: 1\r\n",
    b"Keep-Alive: timeout=5\r\n",
    b"Upgrade: websocket\r\nConnection: upgrade\r\n",
    b"\r\n",
    b"\n",
    b"\x00",
    b"0\r\n\r\n",
    b"8\r\naccepted\r\n",
    b"accepted",
    gzipped(b"accepted"),
    gzipped(bytes(1_000_000)),
]
REPLIES = st.lists(st.sampled_from(PIECES) | st.binary(max_size=12), max_size=10).map(b"".join)


def read_in(received: bytes, cuts: list[int], *, is_head: bool) -> tuple[object, ...]:
    """What comes of a reply that comes in these pieces; the connection ends behind it."""
    parser = ReplyParser(is_head=is_head, max_body=LIMIT)
    marks = sorted({cut % (len(received) + 1) for cut in cuts})
    try:
        for start, stop in zip([0, *marks], [*marks, len(received)], strict=True):
            parser.feed(received[start:stop])
        if parser.reply is None:
            parser.end()
    except NoAnswer as error:
        return error.code, error.words
    assert parser.reply is not None
    assert len(parser.reply.body) <= LIMIT
    return parser.reply, parser.may_go_on, parser.announced_rest


@given(
    REPLIES,
    st.lists(st.integers(min_value=0), max_size=6),
    st.booleans(),
    st.binary(max_size=1),
    st.integers(0),
)
@example(OK + b"\r\n", [len(OK)], False, b"", 0)
def test_no_reply_crashes_the_parser_and_cuts_change_nothing(
    received: bytes, cuts: list[int], is_head: bool, change: bytes, place: int
) -> None:
    place %= len(received) + 1
    received = received[:place] + change + received[place + len(change) :]
    whole = read_in(received, [], is_head=is_head)
    assert read_in(received, cuts, is_head=is_head) == whole
    assert read_in(received, list(range(len(received))), is_head=is_head) == whole
