"""Neither a caller who does not read nor a handler who does not can make anything grow."""

import itertools
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import trio
from google.protobuf.wrappers_pb2 import BytesValue, StringValue
from trio.testing import MockClock, wait_all_tasks_blocked

from edges.grpc.scripted_core import BEGIN, CLOSE, RECEIVE, SEND, STATUS, ScriptedCore, a_wire
from edges.grpc.serving import ask, own_channel, refusal, serving, text
from leadrelay.edges.grpc.bridge import (
    Abort,
    Call,
    Limits,
    Requests,
    stream_stream,
    stream_unary,
    unary_stream,
    unary_unary,
)
from leadrelay.edges.grpc.bridge.cython import Metadata
from leadrelay.edges.grpc.bridge.status import Status
from leadrelay.edges.grpc.bridge.wire import Wire

PIECE = BytesValue(value=bytes(16 * 1024))
MEGABYTE = 1 << 20
# How much a client takes in unread is its own affair, and up to 16 MB a call where the line is fast.
# Without this probe of the line it stays at 64 KiB, and what remains to be counted is ours.
SMALL_WINDOW = ("grpc.http2.bdp_probe", 0)


class Firehose:
    """A handler that sends without end and counts what it got rid of, for each call."""

    def __init__(self) -> None:
        self.sent: list[int] = []

    async def __call__(self, _: StringValue, call: Call) -> None:
        number = len(self.sent)
        self.sent.append(0)
        for _turn in itertools.count():
            await call.send(PIECE)
            self.sent[number] += PIECE.ByteSize()

    async def until_all_are_stuck(self, callers: int) -> None:
        """Stuck: all are there, and a few looks in a row find that nothing more went out."""
        before: list[int] = []
        quiet = 0
        with trio.fail_after(10):
            while quiet < 4 or len(self.sent) < callers:
                await trio.sleep(0.05)
                quiet = quiet + 1 if self.sent == before else 0
                before = list(self.sent)


@asynccontextmanager
async def with_small_window(port: int) -> AsyncIterator[Callable[..., Any]]:
    with own_channel(port, SMALL_WINDOW) as channel:
        yield channel.unary_stream("/t.T/Pour", StringValue.SerializeToString, BytesValue.FromString)


async def echo(request: StringValue, _: Call) -> StringValue:
    return request


async def test_a_caller_who_does_not_read_parks_its_handler_after_a_bounded_number_of_bytes() -> None:
    firehose = Firehose()
    methods = {"/t.T/Pour": unary_stream(firehose, StringValue), "/t.T/Echo": unary_unary(echo, StringValue)}
    async with serving(methods) as served, with_small_window(served.port) as pour:
        call = pour(text(""), timeout=30)
        await firehose.until_all_are_stuck(1)
        assert 256 * 1024 <= firehose.sent[0] < MEGABYTE
        assert await ask(served.stub("unary_unary", "/t.T/Echo"), text("still here")) == text("still here")

        stuck_at = firehose.sent[0]
        await trio.to_thread.run_sync(lambda: [next(call) for _ in range(200)])
        await served.until(lambda: firehose.sent[0] > stuck_at)  # reading frees it again
        call.cancel()
        await served.until(lambda: served.server.active == 0)


async def test_fifty_callers_who_do_not_read_leave_the_others_alone() -> None:
    firehose = Firehose()
    methods = {"/t.T/Pour": unary_stream(firehose, StringValue), "/t.T/Echo": unary_unary(echo, StringValue)}
    limits = Limits(outbox_bytes=64 * 1024)
    async with serving(methods, limits=limits) as served, with_small_window(served.port) as pour:
        calls = [pour(text(""), timeout=30) for _ in range(50)]
        await firehose.until_all_are_stuck(50)
        assert max(firehose.sent) < MEGABYTE / 2
        echo_stub = served.stub("unary_unary", "/t.T/Echo")
        for number in range(20):
            assert await ask(echo_stub, text(str(number))) == text(str(number))
        for call in calls:
            call.cancel()
        await served.until(lambda: served.server.active == 0)
    assert served.errors == []


async def test_a_handler_that_does_not_read_stops_the_caller_after_a_bounded_number_of_bytes() -> None:
    open_the_gate = trio.Event()

    async def slow(requests: Requests[BytesValue], _: Call) -> StringValue:
        await open_the_gate.wait()
        return text(str(len([request async for request in requests])))

    given: list[int] = []
    total = 1000  # of 16 KiB, 16 MB in all

    def pieces() -> Iterator[BytesValue]:
        for number in range(total):
            given.append(number)
            yield PIECE

    async with serving({"/t.T/Swallow": stream_unary(slow, BytesValue)}) as served:
        answer = served.channel.stream_unary(
            "/t.T/Swallow", BytesValue.SerializeToString, StringValue.FromString
        ).future(pieces(), timeout=30)
        await served.until(lambda: len(given) > 1)
        await _until_quiet(given)
        assert len(given) * PIECE.ByteSize() < 2 * MEGABYTE
        open_the_gate.set()
        assert await trio.to_thread.run_sync(answer.result) == text(str(total))


async def _until_quiet(growing: list[int]) -> None:
    seen, quiet = -1, 0
    with trio.fail_after(10):
        while quiet < 4:
            await trio.sleep(0.05)
            quiet = quiet + 1 if len(growing) == seen else 0
            seen = len(growing)


async def test_both_sides_of_a_call_may_talk_at_their_own_pace() -> None:
    """The server answers each request twice, the client reads only after it has sent them all."""

    async def twice(requests: Requests[StringValue], call: Call) -> None:
        await call.send(text("hello"))  # a server may speak first
        async for request in requests:
            await call.send(request)
            await call.send(request)

    async with serving({"/t.T/Twice": stream_stream(twice, StringValue)}) as served:
        stub = served.stub("stream_stream", "/t.T/Twice")
        sent, may_send = [text(str(number)) for number in range(300)], threading.Event()

        def requests() -> Iterator[StringValue]:
            may_send.wait(10)
            yield from sent

        def talk() -> list[StringValue]:
            answers = stub(requests(), timeout=10)
            first = next(answers)
            may_send.set()
            return [first, *answers]

        answers = await trio.to_thread.run_sync(talk)
    assert answers == [text("hello"), *(each for each in sent for _ in range(2))]


async def test_half_a_stream_is_not_taken_for_a_whole_one_when_the_end_is_told_before_the_break(
    autojump_clock: MockClock,
) -> None:
    """Core says "ended" first and "broken" a moment later; between the two nobody may believe it."""
    core, scope, believed = ScriptedCore(), trio.CancelScope(), []

    async def read(wire: Wire) -> None:
        with scope:
            believed.append(await wire.receive())
            believed.append(await wire.receive())

    wire = a_wire(core, on_lost=scope.cancel)
    wire.listen()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(read, wire)
        core.complete(RECEIVE, message=b"half")
        core.complete(RECEIVE, message=None)
        await wait_all_tasks_blocked()
        core.complete(CLOSE, cancelled=True)
    assert believed == [b"half"]


async def test_a_client_that_goes_in_the_middle_of_its_stream_never_seems_to_have_finished_it() -> None:
    taken_for_whole: list[int] = []
    cancelled: list[bool] = []

    async def collect(requests: Requests[StringValue], call: Call) -> StringValue:
        number = 0
        try:
            async for _ in requests:
                number += 1
        except trio.Cancelled:
            cancelled.append(call.cancelled_by_peer)
            raise
        taken_for_whole.append(number)
        return text(str(number))

    async with serving({"/t.T/Collect": stream_unary(collect, StringValue)}) as served:
        stub = served.channel.stream_unary(
            "/t.T/Collect", StringValue.SerializeToString, StringValue.FromString
        )

        def leave_in_the_middle() -> None:
            left, sent = threading.Event(), threading.Event()

            def requests() -> Iterator[StringValue]:
                yield text("a")
                yield text("b")
                sent.set()
                left.wait(10)

            call = stub.future(requests(), timeout=10)
            sent.wait(10)
            call.cancel()
            left.set()

        for _ in range(30):
            await trio.to_thread.run_sync(leave_in_the_middle)
        await served.until(lambda: served.server.active == 0)
    assert taken_for_whole == []
    assert all(cancelled)


async def test_a_status_that_core_refuses_still_ends_the_call_and_only_that() -> None:
    class Unspeakable(Abort):
        def as_status(self, trailing: Metadata = ()) -> Status:
            return Status(3, b"never heard", (("NOT A NAME", "x"),))

    async def handler(request: StringValue, _: Call) -> StringValue:
        if request.value == "fail":
            raise Unspeakable(grpc.StatusCode.ABORTED, "")
        return request

    async with serving({"/t.T/Fail": unary_unary(handler, StringValue)}) as served:
        stub = served.stub("unary_unary", "/t.T/Fail")
        assert (await refusal(stub, text("fail"))).code() is grpc.StatusCode.INTERNAL
        assert await ask(stub, text("fine")) == text("fine")
        await served.until(lambda: served.server.active == 0)


async def test_two_tasks_of_one_handler_may_send_at_once() -> None:
    async def chorus(_: StringValue, call: Call) -> None:
        async def sing(voice: str) -> None:
            for _ in range(100):
                await call.send(text(voice))

        async with trio.open_nursery() as voices:
            voices.start_soon(sing, "high")
            voices.start_soon(sing, "low")

    limits = Limits(outbox_messages=2)
    async with serving({"/t.T/Sing": unary_stream(chorus, StringValue)}, limits=limits) as served:
        stub = served.stub("unary_stream", "/t.T/Sing")
        heard = await trio.to_thread.run_sync(lambda: [each.value for each in stub(text(""), timeout=10)])
    assert (heard.count("high"), heard.count("low")) == (100, 100)


async def test_what_waits_for_a_lost_caller_outside_of_the_call_is_let_go() -> None:
    core, received = ScriptedCore(), []
    wire = a_wire(core)
    wire.listen()

    async def read() -> None:
        received.append(await wire.receive())

    async def send() -> None:
        for _ in range(100):
            await wire.send(b"into the void")

    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(read)
            nursery.start_soon(send)
            await wait_all_tasks_blocked()
            core.complete(CLOSE, cancelled=True)
    assert received == [None]


async def test_the_last_message_and_the_status_travel_together() -> None:
    core = ScriptedCore()
    wire = a_wire(core)
    for _ in range(2):
        await wire.send(b"x")
    wire.finish(Status(0))
    wire.flush()
    core.complete(SEND)
    assert core.batches[1:] == [[BEGIN, SEND], [SEND, STATUS]]


async def test_an_urgent_status_overtakes_what_waits_and_a_plain_one_does_not() -> None:
    for at_once, last_batches in ((True, [[STATUS]]), (False, [[SEND], [SEND, STATUS]])):
        core = ScriptedCore()
        wire = a_wire(core)
        await wire.send(b"under way")
        wire.flush()
        await wire.send(b"waits")
        await wire.send(b"waits")
        wire.finish(Status(14), at_once=at_once)
        for _ in last_batches:
            core.complete(SEND)
        assert core.batches[2:] == last_batches


async def test_a_call_is_forgotten_once_and_only_when_nothing_of_it_is_under_way() -> None:
    core, forgotten = ScriptedCore(), []
    wire = a_wire(core, on_forgotten=lambda: forgotten.append(len(core.under_way)))
    wire.listen()
    await wire.send(b"x")
    wire.flush()
    core.complete(CLOSE, cancelled=True)
    core.complete(SEND, success=False)
    core.complete(RECEIVE, message=None)
    assert forgotten == []  # its handler has not ended yet
    wire.finish(Status(1), at_once=True)
    wire.flush()
    wire.flush()
    assert forgotten == [0]


async def test_a_batch_that_core_refuses_loses_the_call_and_nobody_waits_for_it() -> None:
    core, told = ScriptedCore(), []
    wire = a_wire(core, on_lost=lambda: told.append("lost"))
    core.refuses = True
    wire.listen_once(lambda: told.append("start"))
    assert told == ["lost", "start"]
    assert core.cancelled
