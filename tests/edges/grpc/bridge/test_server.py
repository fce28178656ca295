"""Calls on the way through the server: refused, broken, intercepted, large."""

import contextvars
import gc
import random
import sys
import threading
import time
from pathlib import Path

import grpc
import pytest
import trio
from google.protobuf.wrappers_pb2 import BytesValue, StringValue
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status as RichStatus  # type: ignore[import-untyped]

from edges.grpc.serving import Served, ask, own_channel, refusal, serving, text, trailing
from leadrelay.edges.grpc.bridge import (
    Abort,
    Call,
    CannotListen,
    Limits,
    Proceed,
    Server,
    unary_stream,
    unary_unary,
)
from leadrelay.edges.grpc.bridge.wire import Wire

MEGABYTE = 1 << 20
MANY_STREAMS = Path(__file__).with_name("many_streams.py")


async def echo(request: StringValue, _: Call) -> StringValue:
    return request


async def measure(request: BytesValue, _: Call) -> StringValue:
    return text(str(len(request.value)))


async def stay(request: StringValue, call: Call) -> None:
    await call.send(request)
    await trio.sleep_forever()


ECHO = {"/t.T/Echo": unary_unary(echo, StringValue)}
MEASURE = {"/t.T/Measure": unary_unary(measure, BytesValue)}
STAY = {"/t.T/Stay": unary_stream(stay, StringValue)}


async def test_an_unknown_method_is_refused_by_its_name() -> None:
    async with serving(ECHO) as served:
        error = await refusal(served.stub("unary_unary", "/t.T/Eco"), text(""))
        assert error.code() is grpc.StatusCode.UNIMPLEMENTED
        assert "/t.T/Eco" in (error.details() or "")
        await served.until(lambda: served.server.active == 0)


async def test_a_handlers_exception_stays_on_our_side_and_the_server_lives_on() -> None:
    async def fail(request: StringValue, _: Call) -> StringValue:
        raise RuntimeError(f"could not store {request.value}")

    async with serving({**ECHO, "/t.T/Fail": unary_unary(fail, StringValue)}) as served:
        error = await refusal(served.stub("unary_unary", "/t.T/Fail"), text("555-0100"))
        assert error.code() is grpc.StatusCode.INTERNAL
        assert error.details() == "internal error"
        assert trailing(error) == {}
        assert await ask(served.stub("unary_unary", "/t.T/Echo"), text("alive")) == text("alive")
    assert [str(each) for each in served.errors] == ["could not store 555-0100"]


async def test_an_abort_out_of_a_handlers_own_nursery_counts_as_an_abort() -> None:
    async def fail() -> None:
        raise Abort(grpc.StatusCode.NOT_FOUND, "no such lead")

    async def handler(request: StringValue, _: Call) -> StringValue:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(fail)
            nursery.start_soon(trio.sleep_forever)
        return request

    async with serving({"/t.T/Fail": unary_unary(handler, StringValue)}) as served:
        error = await refusal(served.stub("unary_unary", "/t.T/Fail"), text(""))
    assert (error.code(), error.details()) == (grpc.StatusCode.NOT_FOUND, "no such lead")
    assert served.errors == []


async def test_interceptors_run_in_order_around_the_handler() -> None:
    seen: list[str] = []
    who: contextvars.ContextVar[str] = contextvars.ContextVar("who")

    async def outer(call: Call, proceed: Proceed) -> None:
        seen.append(f"outer in {call.method}")
        who.set("alice")
        await proceed()
        seen.append("outer out")

    async def inner(_: Call, proceed: Proceed) -> None:
        seen.append("inner in")
        await proceed()
        seen.append("inner out")

    async def handler(request: StringValue, _: Call) -> StringValue:
        seen.append(f"handler for {who.get()}")
        return request

    methods = {"/t.T/Echo": unary_unary(handler, StringValue)}
    async with serving(methods, interceptors=[outer, inner]) as served:
        await ask(served.stub("unary_unary", "/t.T/Echo"), text(""))
    assert seen == ["outer in /t.T/Echo", "inner in", "handler for alice", "inner out", "outer out"]


async def test_an_interceptor_may_turn_a_call_away_before_the_handler_sees_it() -> None:
    async def authenticate(call: Call, proceed: Proceed) -> None:
        if call.get("authorization") != "Bearer good":
            raise Abort(grpc.StatusCode.UNAUTHENTICATED, "send an API key")
        await proceed()

    reached: list[str] = []

    async def handler(request: StringValue, _: Call) -> StringValue:
        reached.append(request.value)
        return request

    methods = {"/t.T/Echo": unary_unary(handler, StringValue)}
    async with serving(methods, interceptors=[authenticate]) as served:
        stub = served.stub("unary_unary", "/t.T/Echo")
        error = await refusal(stub, text("a"))
        assert (error.code(), error.details()) == (grpc.StatusCode.UNAUTHENTICATED, "send an API key")
        await ask(stub, text("b"), metadata=(("authorization", "Bearer good"),))
    assert reached == ["b"]


async def test_one_call_too_many_is_told_when_to_try_again_and_a_place_becomes_free() -> None:
    """Behaviour 8: overload is RESOURCE_EXHAUSTED with RetryInfo."""
    async with serving({**ECHO, **STAY}, limits=Limits(max_calls=2)) as served:
        stay_stub, echo_stub = (
            served.stub("unary_stream", "/t.T/Stay"),
            served.stub("unary_unary", "/t.T/Echo"),
        )
        calls = [stay_stub(text(""), timeout=30) for _ in range(2)]
        await served.until(lambda: served.server.active == 2)
        error = await refusal(echo_stub, text(""))
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        rich = RichStatus.FromString(trailing(error)["grpc-status-details-bin"])
        retry = RetryInfo()
        assert rich.details[0].Unpack(retry)
        assert retry.retry_delay.seconds == 1
        calls[0].cancel()
        await served.until(lambda: served.server.active == 1)
        assert await ask(echo_stub, text("now")) == text("now")
        calls[1].cancel()
        await served.until(lambda: served.server.active == 0)


async def test_a_request_beyond_the_limit_is_refused_and_one_below_is_not() -> None:
    async with serving(MEASURE, limits=Limits(max_receive_bytes=MEGABYTE)) as served:
        stub = served.stub("unary_unary", "/t.T/Measure")
        error = await refusal(stub, BytesValue(value=bytes(MEGABYTE)))
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT, "it is no overload (behaviour 8)"
        assert str(MEGABYTE) in (error.details() or "")
        info, bad = ErrorInfo(), BadRequest()
        rich = RichStatus.FromString(trailing(error)["grpc-status-details-bin"])
        assert rich.details[0].Unpack(info)
        assert (info.reason, info.metadata["limit"]) == ("REQUEST_TOO_LARGE", str(MEGABYTE))
        assert rich.details[1].Unpack(bad)
        assert str(MEGABYTE) in bad.field_violations[0].description
        assert await ask(stub, BytesValue(value=bytes(MEGABYTE - 100))) == text(str(MEGABYTE - 100))
        await served.until(lambda: served.server.active == 0)


async def test_what_nobody_could_mean_is_not_even_read() -> None:
    """Memory is bounded also for what is refused; gRPC itself says so then."""
    async with serving(MEASURE, limits=Limits(max_receive_bytes=MEGABYTE)) as served:
        error = await refusal(
            served.stub("unary_unary", "/t.T/Measure"), BytesValue(value=bytes(17 * MEGABYTE))
        )
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_small_compressed_request_may_not_unpack_to_more_than_the_limit() -> None:
    async with serving(MEASURE, limits=Limits(max_receive_bytes=MEGABYTE)) as served:
        bomb = BytesValue(value=bytes(20 * MEGABYTE))
        error = await refusal(
            served.stub("unary_unary", "/t.T/Measure"), bomb, compression=grpc.Compression.Gzip
        )
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_five_megabytes_pass_under_a_raised_limit() -> None:
    async with serving(MEASURE, limits=Limits(max_receive_bytes=8 * MEGABYTE)) as served:
        answer = await ask(served.stub("unary_unary", "/t.T/Measure"), BytesValue(value=bytes(5 * MEGABYTE)))
    assert answer == text(str(5 * MEGABYTE))


async def test_an_address_that_is_taken_is_named() -> None:
    async with serving(ECHO) as served:
        other = Server(ECHO, on_error=lambda _call, _error: None)
        with pytest.raises(CannotListen, match=rf"127\.0\.0\.1:{served.port}") as refused:
            other.bind(f"127.0.0.1:{served.port}")
        assert isinstance(refused.value, OSError)


async def test_two_servers_share_a_port_only_if_both_ask_for_it() -> None:
    shared = {"grpc.so_reuseport": 1}
    async with serving(ECHO, options=shared) as served:
        other = Server(ECHO, on_error=lambda _call, _error: None, options=shared)
        assert other.bind(f"127.0.0.1:{served.port}") == served.port


async def test_connections_that_are_old_are_replaced_without_a_failed_call() -> None:
    peers: list[str] = []

    async def note(request: StringValue, call: Call) -> StringValue:
        peers.append(call.peer)
        return request

    methods = {"/t.T/Note": unary_unary(note, StringValue)}
    async with serving(methods, limits=Limits(max_connection_age=1)) as served:
        stub = served.stub("unary_unary", "/t.T/Note")
        with trio.fail_after(10):
            while len(set(peers)) < 2:
                await ask(stub, text(""))
                await trio.sleep(0.02)


async def test_hundreds_of_calls_cancelled_at_any_moment_leave_nothing_behind() -> None:
    async def work(request: StringValue, call: Call) -> None:
        for _ in range(6):
            await call.send(request)
            await trio.sleep(0.001)

    dice = random.Random(7)
    plan = [dice.choice(["read", "cancel", "deadline", "drop"]) for _ in range(150)]
    pauses = [dice.random() / 200 for _ in plan]

    def one_after_another(served: Served) -> None:
        with own_channel(served.port) as channel:
            stub = channel.unary_stream("/t.T/Work", StringValue.SerializeToString, StringValue.FromString)
            for deed, pause in zip(plan, pauses, strict=True):
                call = stub(text("x"), timeout=pause + 0.001 if deed == "deadline" else 10)
                if deed == "read":
                    assert len(list(call)) == 6
                elif deed == "cancel":
                    time.sleep(pause)
                    call.cancel()

    async with serving({**ECHO, "/t.T/Work": unary_stream(work, StringValue)}) as served:
        async with trio.open_nursery() as clients:
            for _ in range(3):
                clients.start_soon(trio.to_thread.run_sync, one_after_another, served)
        await served.until(lambda: served.server.active == 0)
        assert await ask(served.stub("unary_unary", "/t.T/Echo"), text("alive")) == text("alive")
    assert served.errors == []
    gc.collect()
    assert [each for each in gc.get_objects() if isinstance(each, (Wire, Call))] == []


async def test_two_thousand_streams_are_open_at_once_and_all_answered() -> None:
    """With core's own limit on waiting calls, hundreds of these would end as CANCELLED."""
    streams = 2000
    here, everybody = 0, trio.Event()

    async def meet(request: StringValue, call: Call) -> None:
        nonlocal here
        await call.send(request)
        here += 1
        if here == streams:
            everybody.set()
        await everybody.wait()
        await call.send(request)

    async with serving({"/t.T/Meet": unary_stream(meet, StringValue)}) as served:
        command = [sys.executable, str(MANY_STREAMS), str(served.port), str(streams)]
        with trio.fail_after(60):
            done = await trio.run_process(command, capture_stdout=True)
    assert done.stdout.split() == [b"2000", b"answered", b"twice"]
    assert threading.active_count() < 50
