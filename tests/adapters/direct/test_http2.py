"""One connection for many calls: what comes belongs to whom, and what a broken call proves (RFC 9113)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.settings
import pytest
import trio
from hyperframe.frame import GoAwayFrame
from trio.testing import MemoryReceiveStream, MemorySendStream, MockClock, memory_stream_pair

from leadrelay.adapters.direct.http2 import QUIET, SIGN, UNPROVEN, Connection
from leadrelay.adapters.direct.stream import Lost, Stream

HEAD = [
    (b":method", b"POST"),
    (b":scheme", b"http"),
    (b":path", b"/leadrelay.v1.DeliveryService/Deliver"),
    (b":authority", b"peer:1"),
]
FINE = [(b":status", b"200")]
Stapled = trio.StapledStream[MemorySendStream, MemoryReceiveStream]


class MemoryLine:
    """A core line over trio's memory streams."""

    def __init__(self, stream: Stapled) -> None:
        self._stream = stream
        self.is_closed = False

    async def send(self, outgoing: bytes) -> None:
        await self._stream.send_all(outgoing)

    async def receive(self) -> bytes:
        return bytes(await self._stream.receive_some(16_384))

    def receive_nowait(self) -> bytes:
        raise trio.WouldBlock

    def is_quiet(self) -> bool:
        return True

    def close(self) -> None:
        self.is_closed = True


class Far:
    """The peer's side, which does what a test tells it to."""

    def __init__(self, stream: Stapled) -> None:
        self._stream = stream
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        self._events: list[h2.events.Event] = []

    async def greet(self, **settings: int) -> None:
        initial = {h2.settings.SettingCodes[name]: value for name, value in settings.items()}
        self.h2.local_settings = h2.settings.Settings(client=False, initial_values=initial)
        self.h2.initiate_connection()
        await self.say()

    async def say(self, raw: bytes = b"") -> None:
        await self._stream.send_all(self.h2.data_to_send() + raw)

    async def hears(self, kind: type[h2.events.Event]) -> h2.events.Event:
        """The next event of a kind; those before it are dropped."""
        while True:
            while self._events:
                event = self._events.pop(0)
                if isinstance(event, kind):
                    return event
            self._events = self.h2.receive_data(bytes(await self._stream.receive_some(65_536)))
            await self.say()

    async def hang_up(self) -> None:
        await self._stream.aclose()


@asynccontextmanager
async def connected(**settings: int) -> AsyncIterator[tuple[Connection, Far, MemoryLine]]:
    near, far_stream = memory_stream_pair()
    line, far = MemoryLine(near), Far(far_stream)
    connection = Connection(line)
    async with trio.open_nursery() as nursery:
        await nursery.start(connection.run)
        await far.greet(**settings)
        await connection.greeted()
        yield connection, far, line
        nursery.cancel_scope.cancel()


def nobody_asks() -> None:
    pass


async def rest_of(stream: Stream) -> list[object]:
    found: list[object] = []
    while (piece := await stream.next()) is not None:
        found.append(piece)
    return found


async def test_a_call_is_sent_whole_and_its_answer_comes_back() -> None:
    left: list[str] = []
    async with (
        connected() as (connection, far, _),
        connection.stream(HEAD, b"lead", lambda: left.append("byte")) as stream,
    ):
        assert left == ["byte"]
        body = await far.hears(h2.events.DataReceived)
        assert isinstance(body, h2.events.DataReceived)
        assert body.data == b"lead"
        far.h2.send_headers(1, FINE)
        far.h2.send_data(1, b"sold")
        far.h2.send_headers(1, [(b"grpc-status", b"0")], end_stream=True)
        await far.say()
        assert await rest_of(stream) == [FINE, b"sold", [(b"grpc-status", b"0")]]


async def test_a_call_that_is_left_early_is_told_to_the_peer_and_harms_no_other() -> None:
    async with connected() as (connection, far, _), connection.stream(HEAD, b"1", nobody_asks) as kept:
        async with connection.stream(HEAD, b"2", nobody_asks):
            pass
        reset = await far.hears(h2.events.StreamReset)
        assert isinstance(reset, h2.events.StreamReset)
        assert (reset.stream_id, reset.error_code) == (3, h2.errors.ErrorCodes.CANCEL)
        far.h2.send_headers(1, FINE, end_stream=True)
        await far.say()
        assert await rest_of(kept) == [FINE]


async def test_a_large_lead_waits_for_room_at_the_peer() -> None:
    async with connected() as (connection, far, _), connection.stream(HEAD, b"x" * 300_000, nobody_asks):
        received = 0
        while received < 300_000:
            event = await far.hears(h2.events.DataReceived)
            assert isinstance(event, h2.events.DataReceived)
            received += len(event.data)
            far.h2.acknowledge_received_data(event.flow_controlled_length, 1)
            await far.say()
    assert received == 300_000


async def test_more_calls_than_the_peer_takes_wait_before_anything_of_them_leaves() -> None:
    left: list[int] = []
    async with connected(MAX_CONCURRENT_STREAMS=1) as (connection, far, _):

        async def one(number: int) -> None:
            async with connection.stream(HEAD, b"x", lambda: left.append(number)) as stream:
                await rest_of(stream)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(one, 1)
            await far.hears(h2.events.DataReceived)
            nursery.start_soon(one, 2)
            await trio.testing.wait_all_tasks_blocked()
            assert left == [1]
            far.h2.send_headers(1, FINE, end_stream=True)
            await far.say()
            await far.hears(h2.events.DataReceived)
            far.h2.send_headers(3, FINE, end_stream=True)
            await far.say()
    assert left == [1, 2]


def goodbye(last: int) -> bytes:
    return GoAwayFrame(0, last_stream_id=last, error_code=0).serialize()


async def test_a_peer_that_says_goodbye_answers_what_it_took_and_looked_at_nothing_else() -> None:
    async with connected() as (connection, far, line):
        async with (
            connection.stream(HEAD, b"1", nobody_asks) as taken,
            connection.stream(HEAD, b"2", nobody_asks) as late,
        ):
            await far.hears(h2.events.DataReceived)
            await far.say(goodbye(1))
            with pytest.raises(Lost) as caught:
                await late.next()
            assert not caught.value.was_read
            assert not connection.is_open
            far.h2.send_headers(1, FINE, end_stream=True)
            await far.say()
            assert await rest_of(taken) == [FINE]
        await trio.testing.wait_all_tasks_blocked()
        assert line.is_closed


async def test_nothing_of_a_call_leaves_to_a_peer_that_has_said_goodbye() -> None:
    async with connected() as (connection, far, _), connection.stream(HEAD, b"1", nobody_asks) as first:
        await far.say(goodbye(1))
        await trio.testing.wait_all_tasks_blocked()
        left: list[str] = []
        with pytest.raises(Lost) as caught:
            async with connection.stream(HEAD, b"2", lambda: left.append("byte")):
                pass
        assert (caught.value.was_read, left) == (False, [])
        del first


@pytest.mark.parametrize(
    ("code", "was_read"),
    [(h2.errors.ErrorCodes.REFUSED_STREAM, False), (h2.errors.ErrorCodes.INTERNAL_ERROR, True)],
)
async def test_a_call_that_is_broken_off_was_read_unless_it_was_refused(
    code: h2.errors.ErrorCodes, was_read: bool
) -> None:
    async with connected() as (connection, far, _), connection.stream(HEAD, b"1", nobody_asks) as stream:
        await far.hears(h2.events.DataReceived)
        far.h2.reset_stream(1, code)
        await far.say()
        with pytest.raises(Lost) as caught:
            await stream.next()
    assert caught.value.was_read is was_read


async def test_a_connection_that_ends_may_have_brought_every_call_that_was_open() -> None:
    async with connected() as (connection, far, line):
        async with connection.stream(HEAD, b"1", nobody_asks) as stream:
            await far.hears(h2.events.DataReceived)
            await far.hang_up()
            with pytest.raises(Lost) as caught:
                await stream.next()
        assert caught.value.was_read
        assert (connection.is_open, line.is_closed) == (False, True)
        with pytest.raises(Lost) as caught:
            async with connection.stream(HEAD, b"2", nobody_asks):
                pass
        assert not caught.value.was_read


async def test_a_peer_that_stops_to_speak_http2_costs_its_own_connection() -> None:
    async with connected() as (connection, far, line):
        async with connection.stream(HEAD, b"1", nobody_asks) as stream:
            await far.say(b"\xff" * 64)
            with pytest.raises(Lost):
                await stream.next()
        assert line.is_closed


async def test_a_peer_that_is_silent_while_a_call_is_open_is_asked_and_then_given_up(
    autojump_clock: MockClock,
) -> None:
    async with connected() as (connection, far, line):
        async with connection.stream(HEAD, b"1", nobody_asks) as stream:
            await far.hears(h2.events.DataReceived)
            began = trio.current_time()
            with pytest.raises(Lost) as caught:
                await stream.next()
        assert trio.current_time() - began == pytest.approx(QUIET + SIGN)
        assert caught.value.was_read
        assert line.is_closed


async def test_a_peer_that_answers_when_it_is_asked_may_take_its_time(autojump_clock: MockClock) -> None:
    async with connected() as (connection, far, _), connection.stream(HEAD, b"1", nobody_asks) as stream:
        for _ in range(3):
            await far.hears(h2.events.PingReceived)
        far.h2.send_headers(1, FINE, end_stream=True)
        await far.say()
        assert await rest_of(stream) == [FINE]


async def test_a_connection_that_was_long_silent_proves_itself_before_a_lead_leaves(
    autojump_clock: MockClock,
) -> None:
    async with connected() as (connection, far, _):
        await trio.sleep(UNPROVEN)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(connection.proven)
            await far.hears(h2.events.PingReceived)
        assert connection.is_open
        await trio.sleep(UNPROVEN)
        with pytest.raises(Lost) as caught:
            await connection.proven()
        assert not caught.value.was_read
        assert not connection.is_open


async def test_what_a_closed_connection_held_is_lost_and_its_line_is_closed() -> None:
    async with connected() as (connection, _, line):
        async with connection.stream(HEAD, b"1", nobody_asks) as stream:
            connection.close()
            with pytest.raises(Lost):
                await stream.next()
        assert line.is_closed
