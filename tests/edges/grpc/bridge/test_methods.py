"""The four shapes of a method, and bodies that are not what the method takes."""

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from edges.grpc.serving import ask, ask_all, refusal, serving, text, texts
from leadrelay.edges.grpc.bridge import (
    Call,
    Requests,
    stream_stream,
    stream_unary,
    unary_stream,
    unary_unary,
)


async def echo(request: StringValue, _: Call) -> StringValue:
    return request


async def spell(request: StringValue, call: Call) -> None:
    for letter in request.value:
        await call.send(text(letter))


async def join(requests: Requests[StringValue], _: Call) -> StringValue:
    return text("+".join([request.value async for request in requests]))


async def answer_each(requests: Requests[StringValue], call: Call) -> None:
    async for request in requests:
        await call.send(text(request.value.upper()))


METHODS = {
    "/t.T/Echo": unary_unary(echo, StringValue),
    "/t.T/Spell": unary_stream(spell, StringValue),
    "/t.T/Join": stream_unary(join, StringValue),
    "/t.T/Each": stream_stream(answer_each, StringValue),
}


async def test_one_request_gets_one_answer_or_a_stream_of_them() -> None:
    async with serving(METHODS) as served:
        assert await ask(served.stub("unary_unary", "/t.T/Echo"), text("hello")) == text("hello")
        assert texts(await ask_all(served.stub("unary_stream", "/t.T/Spell"), text("abc"))) == ["a", "b", "c"]
        assert await ask_all(served.stub("unary_stream", "/t.T/Spell"), text("")) == []


async def test_a_stream_of_requests_gets_one_answer_or_a_stream_of_them() -> None:
    letters = [text(letter) for letter in "abc"]
    async with serving(METHODS) as served:
        assert await ask(served.stub("stream_unary", "/t.T/Join"), iter(letters)) == text("a+b+c")
        assert texts(await ask_all(served.stub("stream_stream", "/t.T/Each"), iter(letters))) == [
            "A",
            "B",
            "C",
        ]


async def test_a_stream_without_a_single_request_is_no_error() -> None:
    async with serving(METHODS) as served:
        assert await ask(served.stub("stream_unary", "/t.T/Join"), iter(())) == text("")
        assert await ask_all(served.stub("stream_stream", "/t.T/Each"), iter(())) == []


async def test_one_request_alone_may_be_received_from_a_stream() -> None:
    async def first(requests: Requests[StringValue], _: Call) -> StringValue:
        return await requests.receive() or text("none")

    async with serving({"/t.T/First": stream_unary(first, StringValue)}) as served:
        stub = served.stub("stream_unary", "/t.T/First")
        assert await ask(stub, iter([text("a"), text("b")])) == text("a")
        assert await ask(stub, iter(())) == text("none")


@pytest.mark.parametrize(("shape", "method"), [("unary_unary", "/t.T/Echo"), ("unary_stream", "/t.T/Spell")])
async def test_a_body_that_is_no_such_message_is_the_callers_mistake(shape: str, method: str) -> None:
    async with serving(METHODS) as served:
        error = await refusal(served.stub(shape, method), b"\xff\xff\xff")
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error.details() == (
        "the request of 3 bytes is not a google.protobuf.StringValue message, or a text in it is not UTF-8,"
        " or it is nested deeper than messages may be"
    )
    assert served.errors == []


async def test_a_wrong_body_in_the_middle_of_a_stream_is_the_callers_mistake_too() -> None:
    async with serving(METHODS) as served:
        error = await refusal(served.stub("stream_unary", "/t.T/Join"), iter([text("a"), b"\xff"]))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert served.errors == []


async def test_an_empty_body_is_a_message_with_nothing_set() -> None:
    async with serving(METHODS) as served:
        assert await ask(served.stub("unary_unary", "/t.T/Echo"), b"") == text("")


async def test_a_unary_call_that_ends_without_its_request_is_told_so_instead_of_hanging() -> None:
    async with serving(METHODS) as served:
        error = await refusal(served.stub("stream_unary", "/t.T/Echo"), iter(()))
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED
    assert "/t.T/Echo takes one request" in (error.details() or "")


async def test_a_second_request_to_a_unary_method_is_not_waited_for() -> None:
    async with serving(METHODS) as served:
        stub = served.stub("stream_unary", "/t.T/Echo")
        assert await ask(stub, iter([text("first"), text("second")])) == text("first")
        await served.until(lambda: served.server.active == 0)


async def test_a_compressed_request_is_read_like_any_other() -> None:
    async with serving(METHODS) as served:
        stub = served.stub("unary_unary", "/t.T/Echo")
        long = text("again and " * 10_000)
        assert await ask(stub, long, compression=grpc.Compression.Gzip) == long


async def test_a_handler_that_returns_no_message_is_our_mistake_and_not_the_callers() -> None:
    async def forgetful(_: StringValue, _call: Call) -> StringValue:
        return None  # type: ignore[return-value]

    async with serving({"/t.T/Forget": unary_unary(forgetful, StringValue)}) as served:
        error = await refusal(served.stub("unary_unary", "/t.T/Forget"), text(""))
    assert error.code() is grpc.StatusCode.INTERNAL
    assert len(served.errors) == 1
