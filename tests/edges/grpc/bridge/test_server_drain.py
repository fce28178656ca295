"""Stopping: who is inside may finish, who is not done in time is told so, nobody hangs."""

import itertools
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import grpc
import pytest
import trio
from google.protobuf.wrappers_pb2 import BytesValue, StringValue

from edges.grpc.serving import ask, ask_all, own_channel, refusal, serving, text
from leadrelay.edges.grpc.bridge import Call, Limits, Server, unary_stream, unary_unary
from leadrelay_client.errors import translate

STOPPABLE = Path(__file__).with_name("stoppable.py")
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE


def no_errors(_: Call, error: Exception) -> None:
    raise error


class Patient:
    """A handler that sends, waits until it is told to go on, and sends again."""

    def __init__(self) -> None:
        self.arrived, self.go_on, self.cancelled = trio.Event(), trio.Event(), trio.Event()

    async def __call__(self, request: StringValue, call: Call) -> None:
        await call.send(request)
        self.arrived.set()
        try:
            await self.go_on.wait()
        except trio.Cancelled:
            self.cancelled.set()
            raise
        await call.send(request)


async def test_open_calls_finish_inside_the_grace_and_new_ones_are_sent_elsewhere() -> None:
    patient, draining, answers = Patient(), trio.Event(), []
    methods = {"/t.T/Wait": unary_stream(patient, StringValue)}
    async with serving(methods, on_drain=draining.set) as served:

        async def listen() -> None:
            answers.extend(await ask_all(served.stub("unary_stream", "/t.T/Wait"), text("x")))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(listen)
            await patient.arrived.wait()
            served.server.stop()
            await draining.wait()
            error = await refusal(served.stub("unary_stream", "/t.T/Wait"), text("late"))
            assert error.code() is UNAVAILABLE
            patient.go_on.set()
    assert len(answers) == 2
    assert not patient.cancelled.is_set()


async def test_calls_that_outlast_the_grace_are_cancelled_and_told_why() -> None:
    patient, failures = Patient(), []
    methods = {"/t.T/Wait": unary_stream(patient, StringValue)}
    async with serving(methods, limits=Limits(grace=0.1)) as served:

        async def listen() -> None:
            failures.append(await refusal(served.stub("unary_stream", "/t.T/Wait"), text("x")))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(listen)
            await patient.arrived.wait()
            served.server.stop()
    assert failures[0].code() is UNAVAILABLE
    words = "the server is shutting down; what it has accepted goes on, and whether it had more is not known"
    assert failures[0].details() == words
    told = translate(failures[0])
    assert (told.reason, told.retry_after) == ("DRAINING", 1)
    assert patient.cancelled.is_set()


async def test_being_cancelled_from_outside_is_the_same_as_being_stopped() -> None:
    patient, answers = Patient(), []
    server = Server({"/t.T/Wait": unary_stream(patient, StringValue)}, on_error=no_errors)
    port = server.bind("127.0.0.1:0")
    with own_channel(port) as channel:
        stub = channel.unary_stream("/t.T/Wait", StringValue.SerializeToString, StringValue.FromString)

        async def listen() -> None:
            answers.extend(await ask_all(stub, text("x")))

        async with trio.open_nursery() as clients:
            async with trio.open_nursery() as nursery:
                await nursery.start(server.serve)
                clients.start_soon(listen)
                await patient.arrived.wait()
                nursery.cancel_scope.cancel()
                patient.go_on.set()
            assert server.active == 0
    assert len(answers) == 2


async def test_a_caller_who_does_not_read_does_not_hold_up_the_end() -> None:
    async def pour(_: StringValue, call: Call) -> None:
        for _turn in itertools.count():
            await call.send(BytesValue(value=bytes(100_000)))

    async with serving({"/t.T/Pour": unary_stream(pour, StringValue)}, limits=Limits(grace=0.1)) as served:
        call = served.stub("unary_stream", "/t.T/Pour", BytesValue)(text(""), timeout=30)
        await served.until(lambda: served.server.active == 1)
        served.server.stop()
        with trio.fail_after(5):
            await served.until(lambda: served.server.active == 0)

        def read_to_the_end() -> grpc.StatusCode:
            with pytest.raises(grpc.RpcError) as failed:
                list(call)
            return failed.value.code()

        assert await trio.to_thread.run_sync(read_to_the_end) is UNAVAILABLE


async def test_a_call_whose_request_has_not_come_yet_is_told_too() -> None:
    async def echo(request: StringValue, _: Call) -> StringValue:
        return request

    methods = {"/t.T/Echo": unary_unary(echo, StringValue)}
    async with serving(methods, limits=Limits(grace=0)) as served:
        say_nothing = threading.Event()
        stub = served.channel.stream_unary("/t.T/Echo", StringValue.SerializeToString, StringValue.FromString)
        call = stub.future(_nothing_until(say_nothing), timeout=10)
        await served.until(lambda: served.server.active == 1)
        served.server.stop()
        assert await trio.to_thread.run_sync(call.code) is UNAVAILABLE
        say_nothing.set()


async def test_whoever_has_to_know_hears_of_the_drain_while_calls_are_still_open() -> None:
    patient, heard = Patient(), trio.Event()
    methods = {"/t.T/Wait": unary_stream(patient, StringValue)}
    async with serving(methods, on_drain=heard.set) as served, trio.open_nursery() as nursery:
        nursery.start_soon(ask_all, served.stub("unary_stream", "/t.T/Wait"), text("x"))
        await patient.arrived.wait()
        served.server.stop()
        with trio.fail_after(5):
            await heard.wait()
        assert served.server.active == 1
        patient.go_on.set()


async def test_a_server_with_an_idle_client_stops_at_once() -> None:
    async def echo(request: StringValue, _: Call) -> StringValue:
        return request

    server = Server({"/t.T/Echo": unary_unary(echo, StringValue)}, on_error=no_errors)
    with own_channel(server.bind("127.0.0.1:0")) as channel:
        stub = channel.unary_unary("/t.T/Echo", StringValue.SerializeToString, StringValue.FromString)
        async with trio.open_nursery() as nursery:
            await nursery.start(server.serve)
            await ask(stub, text("x"))
            stopped_at = trio.current_time()
            server.stop()
        assert trio.current_time() - stopped_at < 2  # the grace alone would be five seconds


async def test_a_fault_in_the_server_itself_comes_out_of_serve() -> None:
    """Nothing is swallowed: here `on_error` is broken."""

    async def fail(_: StringValue, _call: Call) -> StringValue:
        raise RuntimeError("first")

    server = Server({"/t.T/Fail": unary_unary(fail, StringValue)}, on_error=no_errors)
    with own_channel(server.bind("127.0.0.1:0")) as channel:
        stub = channel.unary_unary("/t.T/Fail", StringValue.SerializeToString, StringValue.FromString)
        with pytest.RaisesGroup(pytest.RaisesExc(RuntimeError, match="first"), flatten_subgroups=True):
            async with trio.open_nursery() as nursery:
                await nursery.start(server.serve)
                with trio.move_on_after(5):
                    await trio.to_thread.run_sync(
                        lambda: stub.future(text(""), timeout=0.2).exception(), abandon_on_cancel=True
                    )
                    await trio.sleep_forever()


async def test_sigterm_drains_a_real_process() -> None:
    outcomes: dict[str, object] = {}

    async def finish(name: str, read: Callable[[], object]) -> None:
        outcomes[name] = await trio.to_thread.run_sync(read)

    run = partial(
        trio.run_process,
        [sys.executable, str(STOPPABLE)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:  # which also sees to it that it exits with 0
            process: trio.Process = await nursery.start(run)
            assert process.stdout is not None
            with own_channel(int(await process.stdout.receive_some())) as channel:
                count, stay = (
                    channel.unary_stream(name, StringValue.SerializeToString, StringValue.FromString)
                    for name in ("/t.T/Count", "/t.T/Stay")
                )
                counting, staying = count(text("x"), timeout=10), stay(text("x"), timeout=10)
                for call in (counting, staying):
                    await trio.to_thread.run_sync(next, call)
                process.send_signal(signal.SIGTERM)
                await finish("count", lambda: len(list(counting)))
                await finish("stay", staying.code)
    assert outcomes == {"count": 1, "stay": UNAVAILABLE}


def _nothing_until(event: threading.Event) -> Iterator[StringValue]:
    event.wait(10)
    yield from ()
