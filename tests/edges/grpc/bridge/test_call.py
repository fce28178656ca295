"""What a handler learns of its call, and how the call's end reaches it (behaviour 8)."""

import itertools
import time

import grpc
import pytest
import trio
from google.protobuf.wrappers_pb2 import StringValue

from edges.grpc.scripted_core import ScriptedCore, a_wire
from edges.grpc.serving import PATIENCE, ask, ask_all, own_channel, refusal, serving, text, trailing
from leadrelay.edges.grpc.bridge import Abort, Call, Limits, unary_stream, unary_unary

METHOD = "/t.T/Listen"


class Listener:
    """A handler that answers once and then stays until it is cancelled."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.ended = trio.Event()
        self.ended_at = 0.0

    async def __call__(self, request: StringValue, call: Call) -> None:
        self.calls.append(call)
        try:
            await call.send(request)
            await trio.sleep_forever()
        finally:
            self.ended_at = time.monotonic()
            self.ended.set()


async def test_a_handler_sees_method_metadata_peer_and_the_time_that_is_left() -> None:
    seen: list[Call] = []

    async def look(request: StringValue, call: Call) -> StringValue:
        seen.append(call)
        remaining = call.time_remaining()
        return text(f"{0 < (remaining or 0) < PATIENCE + 1}")  # it is rounded up on its way

    async with serving({"/t.T/Look": unary_unary(look, StringValue)}) as served:
        stub = served.stub("unary_unary", "/t.T/Look")
        answer = await ask(
            stub, text(""), metadata=(("tenant", "acme"), ("tenant", "b"), ("key-bin", b"\xff\x00"))
        )
    call = seen[0]
    assert answer.value == "True"
    assert call.method == "/t.T/Look"
    assert (call.get("tenant"), call.get("key-bin"), call.get("none")) == ("acme", b"\xff\x00", None)
    assert [value for key, value in call.metadata if key == "tenant"] == ["acme", "b"]
    assert call.peer.startswith("ipv4:127.0.0.1:")
    assert call.auth_context() == {}  # the call is over, and so is what was known of it


async def test_a_call_without_a_deadline_says_so() -> None:
    remaining: list[float | None] = []

    async def look(request: StringValue, call: Call) -> StringValue:
        remaining.append(call.time_remaining())
        return request

    async with serving({"/t.T/Look": unary_unary(look, StringValue)}) as served:
        await trio.to_thread.run_sync(served.stub("unary_unary", "/t.T/Look"), text(""))
    assert remaining == [None]


async def test_a_deadline_ends_the_handler_and_the_client_hears_deadline_exceeded() -> None:
    listener = Listener()
    async with serving({METHOD: unary_stream(listener, StringValue)}) as served:

        def listen() -> grpc.StatusCode:
            with pytest.raises(grpc.RpcError) as failed:
                list(served.stub("unary_stream", METHOD)(text("x"), timeout=0.2))
            return failed.value.code()

        assert await trio.to_thread.run_sync(listen) is grpc.StatusCode.DEADLINE_EXCEEDED
        with trio.fail_after(1):
            await listener.ended.wait()
        await served.until(lambda: served.server.active == 0)
    assert not listener.calls[0].cancelled_by_peer
    assert listener.calls[0].time_remaining() is not None


async def test_a_client_that_hangs_up_cancels_the_handler_within_a_second() -> None:
    listener = Listener()
    async with serving({METHOD: unary_stream(listener, StringValue)}) as served:

        def listen_and_leave() -> float:
            call = served.stub("unary_stream", METHOD)(text("x"), timeout=10)
            next(call)
            call.cancel()
            return time.monotonic()

        left_at = await trio.to_thread.run_sync(listen_and_leave)
        with trio.fail_after(1):
            await listener.ended.wait()
        assert listener.ended_at - left_at < 1
        await served.until(lambda: served.server.active == 0)
    assert listener.calls[0].cancelled_by_peer
    assert served.errors == []


async def test_a_connection_that_breaks_cancels_the_handler_as_a_cancel_does() -> None:
    listener = Listener()
    async with serving({METHOD: unary_stream(listener, StringValue)}) as served:

        def listen_and_drop() -> None:
            with own_channel(served.port) as channel:
                stub = channel.unary_stream(METHOD, StringValue.SerializeToString, StringValue.FromString)
                next(stub(text("x"), timeout=10))

        await trio.to_thread.run_sync(listen_and_drop)
        with trio.fail_after(1):
            await listener.ended.wait()
    assert listener.calls[0].cancelled_by_peer


async def test_a_server_that_stops_is_no_client_that_hung_up() -> None:
    listener, failures = Listener(), []
    async with serving({METHOD: unary_stream(listener, StringValue)}, limits=Limits(grace=0)) as served:

        async def listen() -> None:
            failures.append(await refusal(served.stub("unary_stream", METHOD), text("x")))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(listen)
            await served.until(lambda: bool(listener.calls))
            served.server.stop()
    assert failures[0].code() is grpc.StatusCode.UNAVAILABLE
    assert not listener.calls[0].cancelled_by_peer


async def test_work_handed_to_another_nursery_goes_on_without_its_caller() -> None:
    """Behaviour 8: a dropped stream ends the listening, not the delivery."""
    delivered, heard = trio.Event(), trio.Event()

    async def deliver(call: Call) -> None:
        await heard.wait()
        await call.send(text("nobody listens; this must neither raise nor wait"))
        delivered.set()

    async with trio.open_nursery() as couriers:

        async def handler(request: StringValue, call: Call) -> None:
            couriers.start_soon(deliver, call)
            try:
                await call.send(request)
                await trio.sleep_forever()
            finally:
                heard.set()

        async with serving({METHOD: unary_stream(handler, StringValue)}) as served:

            def listen_and_leave() -> None:
                call = served.stub("unary_stream", METHOD)(text("x"), timeout=10)
                next(call)
                call.cancel()

            await trio.to_thread.run_sync(listen_and_leave)
            with trio.fail_after(1):
                await delivered.wait()


async def test_a_handler_that_only_ever_sends_notices_that_its_caller_has_left() -> None:
    """If such sends did not even yield, one dropped stream would stop the whole process."""
    outlived: list[bool] = []

    async def chatter(request: StringValue, call: Call) -> None:
        await call.send(request)
        with trio.CancelScope(shield=True):
            while not call.cancelled_by_peer:  # noqa: ASYNC110 (whatever it is busy with)
                await trio.sleep(0.005)
        for _ in range(100):
            await call.send(request)
        outlived.append(True)

    async with serving({METHOD: unary_stream(chatter, StringValue)}) as served:

        def listen_and_leave() -> None:
            call = served.stub("unary_stream", METHOD)(text("x"), timeout=10)
            next(call)
            call.cancel()

        await trio.to_thread.run_sync(listen_and_leave)
        await served.until(lambda: served.server.active == 0)
    assert outlived == []


async def test_a_sender_who_waits_for_room_is_cancelled_with_its_caller() -> None:
    async def chatter(_: StringValue, call: Call) -> None:
        for number in itertools.count():
            await call.send(text(str(number)))

    async with serving({METHOD: unary_stream(chatter, StringValue)}) as served:

        def listen_and_leave() -> None:
            call = served.stub("unary_stream", METHOD)(text("x"), timeout=10)
            for _ in range(50):
                next(call)
            call.cancel()

        await trio.to_thread.run_sync(listen_and_leave)
        await served.until(lambda: served.server.active == 0)


async def test_trailing_metadata_goes_with_an_answer_and_in_front_of_an_aborts_own() -> None:
    async def handler(request: StringValue, call: Call) -> StringValue:
        call.set_trailing_metadata(("lost", "replaced by the next"))
        call.set_trailing_metadata(("cursor", "7"), ("raw-bin", b"\x01"))
        if request.value == "fail":
            raise Abort(grpc.StatusCode.ABORTED, "asked to", trailing=(("why", "test"),))
        return request

    async with serving({METHOD: unary_unary(handler, StringValue)}) as served:
        stub = served.stub("unary_unary", METHOD)

        def call() -> dict[str, str | bytes]:
            _, done = stub.with_call(text("fine"), timeout=10)  # type: ignore[attr-defined]
            return dict(done.trailing_metadata())

        assert await trio.to_thread.run_sync(call) == {"cursor": "7", "raw-bin": b"\x01"}
        failed = trailing(await refusal(stub, text("fail")))
        assert failed == {"cursor": "7", "raw-bin": b"\x01", "why": "test"}


async def test_what_was_sent_before_an_abort_arrives_before_it() -> None:
    async def handler(_: StringValue, call: Call) -> None:
        for number in range(5):
            await call.send(text(str(number)))
        raise Abort(grpc.StatusCode.ABORTED, "enough")

    async with serving({METHOD: unary_stream(handler, StringValue)}) as served:

        def read() -> tuple[list[str], grpc.StatusCode]:
            got: list[str] = []
            with pytest.raises(grpc.RpcError) as failed:
                got.extend(each.value for each in served.stub("unary_stream", METHOD)(text(""), timeout=10))
            return got, failed.value.code()

        got, code = await trio.to_thread.run_sync(read)
    assert (got, code) == (["0", "1", "2", "3", "4"], grpc.StatusCode.ABORTED)


async def test_a_body_that_is_ready_made_is_sent_as_it_is() -> None:
    async def handler(request: StringValue, call: Call) -> None:
        await call.send(request.SerializeToString())

    async with serving({METHOD: unary_stream(handler, StringValue)}) as served:
        assert await ask_all(served.stub("unary_stream", METHOD), text("as it is")) == [text("as it is")]


@pytest.mark.parametrize(
    ("seconds_left", "already_cancelled", "by_peer"),
    [(60, False, True), (60, True, False), (0.05, False, False), (-1, False, False), (1e12, False, True)],
    ids=["early", "by us", "with its deadline", "after it", "without one"],
)
async def test_a_client_that_goes_with_its_deadline_or_after_we_cancelled_did_not_hang_up(
    seconds_left: float, already_cancelled: bool, by_peer: bool
) -> None:
    """A client whose own timer runs out cancels a moment before ours would."""
    deadline = time.time() + seconds_left
    call = Call(a_wire(ScriptedCore()), method="/t.T/M", metadata=(), peer="test", deadline=deadline)
    if already_cancelled:
        call.scope.cancel()
    call.hang_up()
    assert call.cancelled_by_peer is by_peer
    assert call.scope.cancel_called
