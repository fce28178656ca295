"""One channel for all slots: dialled once for all who wait, and again when it is gone (behaviour 4.1)."""

import pytest
import trio
from trio.testing import MockClock

from leadrelay.adapters.dial import Dialer
from leadrelay.adapters.direct import Channel, DirectWire
from leadrelay.adapters.line import Line
from leadrelay.core.errors import NotSent
from leadrelay.core.outcome import ReasonCode
from peers import a_channel, a_peer, a_request, accepted, settled, tells
from recipients_raw import Visit, listening
from wires import LOOPBACK, Watched


class Dialled:
    """A dialer that counts."""

    def __init__(self, port: int) -> None:
        self._port, self._dialer = port, Dialer(allow=LOOPBACK)
        self.count = 0

    async def __call__(self) -> Line:
        self.count += 1
        return await self._dialer.dial("127.0.0.1", self._port, secure=False)


async def test_two_hundred_leads_go_at_once_over_one_connection(nursery: trio.Nursery) -> None:
    async with a_peer(tells(accepted(), settled())) as peer:
        dialled = Dialled(peer.port)
        channel = Channel(dialled, authority="peer", is_plaintext=True, patience=5)
        await nursery.start(channel.run)
        async with trio.open_nursery() as leads:
            for _ in range(200):
                leads.start_soon(DirectWire(channel).send, a_request(), Watched())
        assert (len(peer.calls), dialled.count) == (200, 1)
        nursery.cancel_scope.cancel()


async def test_a_connection_that_was_lost_is_dialled_anew(nursery: trio.Nursery) -> None:
    async with a_peer(tells(accepted(), settled())) as peer:
        dialled = Dialled(peer.port)
        channel = Channel(dialled, authority="peer", is_plaintext=True, patience=5)
        await nursery.start(channel.run)
        for _ in range(2):
            await DirectWire(channel).send(a_request(), Watched())
            (await channel.connection()).close()
            await trio.testing.wait_all_tasks_blocked()
        assert dialled.count == 2
        nursery.cancel_scope.cancel()


async def test_all_who_wait_for_a_connection_hear_why_there_is_none() -> None:
    async with a_peer(tells()) as peer:
        port = peer.port
    heard: list[NotSent] = []

    async def one(channel: Channel) -> None:
        try:
            await channel.connection()
        except NotSent as error:
            heard.append(error)

    async with a_channel(port) as channel, trio.open_nursery() as leads:
        for _ in range(3):
            leads.start_soon(one, channel)
    assert [error.code for error in heard] == [ReasonCode.CONNECT] * 3
    assert len({id(error) for error in heard}) == 3


async def test_who_gives_up_waiting_leaves_the_dialling_to_the_others(nursery: trio.Nursery) -> None:
    may_go_on, dials = trio.Event(), []
    async with a_peer(tells(accepted(), settled())) as peer:
        dialled = Dialled(peer.port)

        async def slowly() -> Line:
            dials.append(1)
            await may_go_on.wait()
            return await dialled()

        channel = Channel(slowly, authority="peer", is_plaintext=True, patience=5)
        await nursery.start(channel.run)
        nursery.start_soon(channel.connection)
        await trio.testing.wait_all_tasks_blocked()
        with trio.move_on_after(0.01):
            await channel.connection()
        may_go_on.set()
        assert (await channel.connection()).is_open
        assert len(dials) == 1
        nursery.cancel_scope.cancel()


async def test_a_dialling_that_takes_too_long_is_given_up(
    autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    async def never() -> Line:
        await trio.sleep_forever()

    channel = Channel(never, authority="peer", is_plaintext=True, patience=5)
    await nursery.start(channel.run)
    began = trio.current_time()
    with pytest.raises(NotSent) as caught:
        await channel.connection()
    assert (caught.value.code, trio.current_time() - began) == (ReasonCode.TIMEOUT_CONNECT, 5)
    nursery.cancel_scope.cancel()


async def test_who_listens_and_says_nothing_is_no_peer_and_its_connection_is_closed(
    nursery: trio.Nursery,
) -> None:
    async def silent(visit: Visit) -> None:
        while await visit.read():
            pass

    recipient = await listening(nursery, silent)
    async with a_channel(recipient.port, patience=0.05) as channel:
        with pytest.raises(NotSent) as caught:
            await channel.connection()
        assert caught.value.code is ReasonCode.TIMEOUT_CONNECT
        await recipient.has_ended(1)
    nursery.cancel_scope.cancel()
