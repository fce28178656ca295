"""Followers get every entry once and in order, however slow they are and whatever comes between."""

import gc
import tracemalloc
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import wait_all_tasks_blocked

from journal.samples import lead_id, received, started
from leadrelay.core.errors import JournalError
from leadrelay.core.facts import Entry
from leadrelay.journal import feed as module
from leadrelay.journal.feed import Feed, Follower, Sized

SIZE = 100  # of an entry, where a test has nothing to say about it


@dataclass
class Shelf:
    """Everything recorded, read as from a store: the reader waits a while before and after it looks."""

    ticks_before: int = 0
    ticks_after: int = 0
    entries: list[Sized] = field(default_factory=list)
    reads: int = 0
    fails: bool = False

    async def recorded(self, lead: str, after: int, limit: int) -> list[Sized]:
        self.reads += 1
        await ticks_pass(self.ticks_before)
        if self.fails:
            raise JournalError("the disk reports an error")
        page = [
            (entry, size) for entry, size in self.entries if entry.lead_id == lead and entry.number > after
        ]
        await ticks_pass(self.ticks_after)
        return page[:limit]

    def record(self, feed: Feed, *entries: Entry, size: int = SIZE) -> None:
        """Make entries durable, and tell."""
        self.entries += [(entry, size) for entry in entries]
        feed.publish([(entry, size) for entry in entries], len(self.entries))


async def ticks_pass(count: int) -> None:
    for _ in range(count):
        await trio.lowlevel.checkpoint()


def a_feed(shelf: Shelf) -> Feed:
    return Feed(shelf.recorded, len(shelf.entries))


def lead(place: int, upto: int) -> list[Entry]:
    """A lead's first entries."""
    return [received(place), *(started(place, number) for number in range(2, upto + 1))]


async def take(follower: Follower, count: int) -> list[int]:
    return [(await follower.next()).number for _ in range(count)]


async def nothing_comes(follower: Follower) -> bool:
    with trio.move_on_after(0.005) as scope:
        await follower.next()
    return scope.cancelled_caught


# Entries in a wave, ticks between their commit and its news, ticks until the next wave.
WAVES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 2), st.integers(0, 3)), max_size=12)


@given(
    waves=WAVES,
    recorded_before=st.integers(0, 70),
    after=st.integers(0, 80),
    ticks=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    pauses=st.lists(st.integers(0, 4), min_size=1, max_size=5),
    size=st.sampled_from([SIZE, module.MAX_BYTES // 5, module.MAX_BYTES * 2]),
)
def test_a_follower_sees_each_entry_once_and_in_order(
    *,
    waves: list[tuple[int, int, int]],
    recorded_before: int,
    after: int,
    ticks: tuple[int, int],
    pauses: list[int],
    size: int,
) -> None:
    """Behaviour 8: no gap and no repeat, whatever the store's and the reader's pace (`pauses`, in ticks)."""
    total = recorded_before + sum(count for count, _, _ in waves)
    entries = lead(1, total)[:total]

    async def main() -> None:
        shelf = Shelf(*ticks)
        feed = a_feed(shelf)
        shelf.record(feed, *entries[:recorded_before], size=size)
        seen: list[int] = []

        async def read(follower: Follower) -> None:
            while len(seen) < total - after:
                seen.append((await follower.next()).number)
                await ticks_pass(pauses[len(seen) % len(pauses)])
                assert len(follower._buffer) <= module.MAX_ENTRIES

        async with feed.follow(lead_id(1), after, fresh=False) as follower, trio.open_nursery() as nursery:
            nursery.start_soon(read, follower)
            rest = entries[recorded_before:]
            for count, unsaid, pause in waves:
                wave, rest = [(entry, size) for entry in rest[:count]], rest[count:]
                shelf.entries += wave
                await ticks_pass(unsaid)
                feed.publish(wave, len(shelf.entries))
                await ticks_pass(pause)
        assert seen == list(range(after + 1, total + 1))

    trio.run(main)


async def test_a_fresh_lead_is_followed_without_a_look_into_the_store() -> None:
    shelf = Shelf()
    feed = a_feed(shelf)
    async with feed.follow(lead_id(1), 0, fresh=True) as follower:
        shelf.record(feed, *lead(1, 3))
        assert await take(follower, 3) == [1, 2, 3]
    assert shelf.reads == 0


async def test_a_follower_who_keeps_up_reads_the_store_once() -> None:
    shelf = Shelf()
    feed = a_feed(shelf)
    shelf.record(feed, *lead(1, 2))
    async with feed.follow(lead_id(1), 0, fresh=False) as follower:
        assert await take(follower, 2) == [1, 2]
        for number in range(3, 90, 2):
            shelf.record(feed, started(1, number), started(1, number + 1), size=module.MAX_BYTES // 4)
            assert await take(follower, 2) == [number, number + 1]
    assert shelf.reads == 1


async def test_news_of_an_entry_that_the_store_already_gave_is_no_reason_to_read_again() -> None:
    shelf = Shelf()
    feed = a_feed(shelf)
    shelf.entries += [(entry, SIZE) for entry in lead(1, 2)]
    async with feed.follow(lead_id(1), 0, fresh=False) as follower:
        assert await take(follower, 1) == [1]
        feed.publish(shelf.entries, 2)
        shelf.record(feed, started(1, 3))
        assert await take(follower, 2) == [2, 3]
        assert await nothing_comes(follower)
    assert shelf.reads == 1


async def test_an_entry_is_handed_over_in_the_tick_of_its_commit() -> None:
    shelf = Shelf()
    feed = a_feed(shelf)
    seen: list[Entry] = []

    async def read(follower: Follower) -> None:
        seen.append(await follower.next())

    async with feed.follow(lead_id(1), 0, fresh=True) as follower, trio.open_nursery() as nursery:
        nursery.start_soon(read, follower)
        await wait_all_tasks_blocked()
        shelf.record(feed, received(1))
        await ticks_pass(2)
        assert seen == [received(1)]


@pytest.mark.parametrize(("size", "count"), [(SIZE, module.MAX_ENTRIES + 1), (module.MAX_BYTES // 4, 5)])
async def test_a_follower_who_falls_behind_forgets_and_reads_again(size: int, count: int) -> None:
    shelf = Shelf()
    feed = a_feed(shelf)
    async with feed.follow(lead_id(1), 0, fresh=True) as follower:
        shelf.record(feed, *lead(1, count - 1), size=size)
        assert len(follower._buffer) == count - 1
        shelf.record(feed, lead(1, count)[-1], size=size)
        assert len(follower._buffer) == 0
        assert await take(follower, count) == list(range(1, count + 1))
        assert await nothing_comes(follower)


async def test_a_follower_starts_above_its_cursor_even_before_that_is_reached() -> None:
    shelf = Shelf()
    feed = a_feed(shelf)
    shelf.record(feed, *lead(1, 3))
    async with feed.follow(lead_id(1), 5, fresh=False) as follower:
        assert await nothing_comes(follower)
        shelf.record(feed, *lead(1, 7)[3:])
        assert await take(follower, 2) == [6, 7]


async def test_followers_of_a_lead_share_its_entries_and_see_no_other_lead() -> None:
    shelf = Shelf()
    feed = a_feed(shelf)
    async with feed.follow(lead_id(1), 0, fresh=True) as one, feed.follow(lead_id(1), 0, fresh=True) as two:
        shelf.record(feed, received(2), received(1))
        first = await one.next()
        assert first is await two.next()
        assert first == received(1)
        assert await nothing_comes(one)


async def test_a_follower_whose_read_failed_may_ask_again() -> None:
    shelf = Shelf()
    feed = a_feed(shelf)
    shelf.record(feed, *lead(1, 2))
    async with feed.follow(lead_id(1), 0, fresh=False) as follower:
        shelf.fails = True
        with pytest.raises(JournalError, match="reports an error"):
            await follower.next()
        shelf.fails = False
        assert await take(follower, 2) == [1, 2]


async def test_a_follower_cancelled_while_it_waits_or_reads_misses_nothing() -> None:
    shelf = Shelf(ticks_before=1, ticks_after=1)
    feed = a_feed(shelf)
    shelf.record(feed, *lead(1, 2))
    async with feed.follow(lead_id(1), 0, fresh=False) as follower:
        with trio.CancelScope() as scope:
            scope.cancel()
            await follower.next()
        assert await take(follower, 2) == [1, 2]
        assert await nothing_comes(follower)
        shelf.record(feed, lead(1, 3)[-1])
        assert await take(follower, 1) == [3]


async def test_only_one_task_reads_from_a_subscription() -> None:
    feed = a_feed(Shelf())
    async with feed.follow(lead_id(1), 0, fresh=True) as follower, trio.open_nursery() as nursery:
        nursery.start_soon(follower.next)
        await wait_all_tasks_blocked()
        with pytest.raises(trio.BusyResourceError):
            await follower.next()
        nursery.cancel_scope.cancel()


async def test_a_closed_subscription_says_so_and_is_forgotten() -> None:
    shelf = Shelf()
    feed = a_feed(shelf)
    async with feed.follow(lead_id(1), 0, fresh=True) as follower:
        shelf.record(feed, received(1))
    with pytest.raises(JournalError, match="closed"):
        await follower.next()
    assert feed._followers == {}


async def test_a_feed_that_closes_wakes_everyone_who_waits() -> None:
    feed = a_feed(Shelf())
    told: list[str] = []

    async def wait_for_entry() -> None:
        async with feed.follow(lead_id(1), 0, fresh=True) as follower:
            with pytest.raises(JournalError):
                await follower.next()
            told.append("entry")

    async def wait_for_change() -> None:
        with pytest.raises(JournalError):
            await feed.changed(0)
        told.append("change")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait_for_entry)
        nursery.start_soon(wait_for_change)
        await wait_all_tasks_blocked()
        feed.close()
    assert sorted(told) == ["change", "entry"]
    with pytest.raises(JournalError):
        async with feed.follow(lead_id(1), 0, fresh=True):
            raise AssertionError


async def test_a_change_is_told_at_once_where_it_was_missed_and_once_for_many() -> None:
    shelf = Shelf()
    feed = a_feed(shelf)
    shelf.record(feed, *lead(1, 3))
    assert await feed.changed(2) == 3
    woken: list[int] = []

    async def wait() -> None:
        woken.append(await feed.changed(3))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        await wait_all_tasks_blocked()
        for entry in lead(2, 4):
            shelf.record(feed, entry)
    assert woken == [7]


async def test_two_thousand_open_subscriptions_cost_little() -> None:
    feed = a_feed(Shelf())
    followers: list[Follower] = []
    tracemalloc.start()
    try:
        for place in range(2000):
            follower = feed.follow(lead_id(place), 0, fresh=True)
            await follower.__aenter__()
            followers.append(follower)
        gc.collect()
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert used < 2000 * 2048
    await leave(followers)
    assert feed._followers == {}


async def leave(followers: Iterable[Follower]) -> None:
    for follower in followers:
        await follower.__aexit__(None, None, None)
