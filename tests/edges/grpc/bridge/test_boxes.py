"""What waits in a call is bounded both ways."""

import trio
from trio.testing import wait_all_tasks_blocked

from leadrelay.edges.grpc.bridge.boxes import Box, Inbox, Outbox


def test_a_box_is_full_at_its_number_of_messages() -> None:
    box, fullness = Box(max_messages=2, max_bytes=1000), []
    for _ in range(2):
        box.put(b"")
        fullness.append(box.is_full)
    assert fullness == [False, True]


def test_a_box_is_full_at_its_number_of_bytes_and_empties_again() -> None:
    box, fullness = Box(max_messages=100, max_bytes=10), []
    for message in (b"123456789", b"a message larger than the whole box still has to pass"):
        box.put(message)
        fullness.append(box.is_full)
    for _ in range(2):
        box.take()
        fullness.append(box.is_full)
    assert fullness == [False, True, True, False]


def test_dropping_empties_the_box_and_its_count_of_bytes() -> None:
    box = Box(max_messages=100, max_bytes=10)
    box.put(b"0123456789")
    box.drop()
    assert (len(box), box.is_full) == (0, False)


async def test_every_sender_hears_of_room_whether_a_message_left_or_all_were_dropped() -> None:
    outbox, heard = Outbox(max_messages=2, max_bytes=1000), []

    async def wait(name: str) -> None:
        await outbox.wait_for_room()
        heard.append(name)

    outbox.put(b"1")
    outbox.put(b"2")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait, "one")
        nursery.start_soon(wait, "two")
        await wait_all_tasks_blocked()
        outbox.take()
        await wait_all_tasks_blocked()
        assert sorted(heard) == ["one", "two"]
        nursery.start_soon(wait, "three")
        await wait_all_tasks_blocked()
        outbox.drop()
    assert heard[2:] == ["three"]


async def test_the_end_of_the_requests_is_told_after_the_last_of_them_and_again_on_asking() -> None:
    inbox = Inbox(max_messages=2, max_bytes=1000)
    inbox.put(b"last")
    inbox.end()
    assert [await inbox.next(), await inbox.next(), await inbox.next()] == [b"last", None, None]


async def test_a_reader_waits_for_a_message_and_for_the_end() -> None:
    inbox, got = Inbox(max_messages=2, max_bytes=1000), []

    async def read() -> None:
        while (message := await inbox.next()) is not None:
            got.append(message)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(read)
        await wait_all_tasks_blocked()
        inbox.put(b"1")
        await wait_all_tasks_blocked()
        assert got == [b"1"]
        inbox.end()
