"""gRPC in what a stream brings: messages wherever they are cut, and a status, whatever a proxy says."""

from base64 import b64encode
from collections.abc import Sequence

import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status as RichStatus  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.adapters.direct.call import MAX_MESSAGE, Call, Status, Unreadable
from leadrelay.adapters.direct.stream import Headers, Stream

BEGIN: Headers = [(b":status", b"200"), (b"content-type", b"application/grpc")]
FINE: Headers = [(b"grpc-status", b"0")]


def framed(message: bytes) -> bytes:
    return b"\0" + len(message).to_bytes(4, "big") + message


def a_call(*pieces: Headers | bytes) -> Call:
    stream = Stream(1, b"")
    for piece in pieces:
        stream.put(piece)
    stream.end()
    return Call(stream)


async def all_of(call: Call) -> list[bytes]:
    found = []
    while (message := await call.message()) is not None:
        found.append(message)
    return found


@given(st.lists(st.binary(max_size=40), max_size=5), st.lists(st.integers(1, 30)))
async def test_messages_come_whole_however_they_are_cut(messages: list[bytes], sizes: Sequence[int]) -> None:
    rest, pieces = b"".join(map(framed, messages)), list[bytes]()
    for size in [*sizes, len(rest) or 1]:
        pieces.append(rest[:size])
        rest = rest[size:]
    call = a_call(BEGIN, *filter(None, pieces), FINE)
    assert await all_of(call) == messages
    assert call.status() == Status(name="OK")


async def test_a_status_brings_its_words_and_its_details() -> None:
    rich = RichStatus(code=8)
    rich.details.add().Pack(ErrorInfo(reason="OVERLOADED", domain="leadrelay", metadata={"a": "b"}))
    rich.details.add().Pack(RetryInfo(retry_delay=Duration(seconds=1, nanos=500_000_000)))
    details = b64encode(rich.SerializeToString()).rstrip(b"=")
    call = a_call(
        [
            *BEGIN,
            (b"grpc-status", b"8"),
            (b"grpc-message", b"too many leads %e2%80%94 later"),
            (b"grpc-status-details-bin", details),
        ]
    )
    assert await all_of(call) == []
    assert call.status() == Status(
        name="RESOURCE_EXHAUSTED",
        message="too many leads — later",
        domain="leadrelay",
        reason="OVERLOADED",
        facts={"a": "b"},
        retry_after=1.5,
    )


@pytest.mark.parametrize("details", [b"****", b"AAAA", b"\xff"])
async def test_details_that_cannot_be_read_leave_the_status(details: bytes) -> None:
    call = a_call([*BEGIN, (b"grpc-status", b"5"), (b"grpc-status-details-bin", details)])
    await all_of(call)
    assert call.status().name == "NOT_FOUND"


@pytest.mark.parametrize(
    ("status", "name"),
    [(b"401", "UNAUTHENTICATED"), (b"404", "UNIMPLEMENTED"), (b"502", "UNKNOWN"), (b"x", "UNKNOWN")],
)
async def test_a_page_of_somebody_in_between_is_read_by_its_status_alone(status: bytes, name: str) -> None:
    call = a_call([(b":status", status), (b"content-type", b"text/html")], b"<html>no such page</html>")
    assert await all_of(call) == []
    assert call.status().name == name


@pytest.mark.parametrize(
    "pieces",
    [
        (BEGIN, framed(b"lead")[:-1], FINE),
        (BEGIN, b"\1" + framed(b"lead")[1:], FINE),
        (BEGIN, b"\0" + (MAX_MESSAGE + 1).to_bytes(4, "big"), FINE),
    ],
    ids=["cut short", "compressed", "too large"],
)
async def test_an_answer_that_is_no_grpc_is_said_to_be_none(pieces: tuple[Headers | bytes, ...]) -> None:
    with pytest.raises(Unreadable):
        await all_of(a_call(*pieces))


async def test_an_end_without_a_status_is_none() -> None:
    call = a_call(BEGIN, framed(b"lead"))
    assert await all_of(call) == [b"lead"]
    with pytest.raises(Unreadable):
        call.status()
