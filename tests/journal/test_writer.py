"""Group commit: what shares one, what a caller may rely on, and what a failure leaves behind."""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from journal.held_store import HeldStore, held_store
from journal.samples import entry, key, lead_id, received, settled, started
from leadrelay.core.errors import AlreadyReceived, JournalError
from leadrelay.core.facts import Entry, LeadCancelled
from leadrelay.journal import writer as module
from leadrelay.journal.rows import text
from leadrelay.journal.writer import Pending, Writer

ALL = 100_000


class Bench:
    """A running writer, what it published, and its store."""

    def __init__(self, store: HeldStore) -> None:
        self.store = store
        self.published: list[Entry] = []
        self.writer = Writer(store, self._publish)
        self.append = self.writer.append

    def numbers(self, place: int) -> list[int]:
        return [row.number for row in self.store.read(key(place), 0, ALL)]

    def _publish(self, batch: Sequence[Pending], last: int) -> None:
        self.published += [entry for pending in batch for entry in pending.entries]


@asynccontextmanager
async def a_writer(folder: Path) -> AsyncIterator[Bench]:
    with closing(held_store(folder)) as store:
        bench = Bench(store)
        async with trio.open_nursery() as nursery:
            await nursery.start(bench.writer.run)
            try:
                yield bench
            finally:
                bench.store.let_go()
                bench.writer.close()


async def test_what_is_appended_within_a_few_ticks_shares_a_commit(tmp_path: Path) -> None:
    async with a_writer(tmp_path) as bench:

        async def lead(place: int) -> None:
            for _ in range(place % 2):
                await trio.lowlevel.checkpoint()
            await bench.append([received(place)])

        async with trio.open_nursery() as nursery:
            for place in range(1, 41):
                nursery.start_soon(lead, place)
        assert bench.store.batches == [40]


async def test_what_comes_while_a_commit_is_under_way_shares_the_next(tmp_path: Path) -> None:
    async with a_writer(tmp_path) as bench, trio.open_nursery() as nursery:
        bench.store.hold()
        nursery.start_soon(bench.append, [received(1)])
        await bench.store.until_committing(1)
        for place in range(2, 102):
            nursery.start_soon(bench.append, [received(place)])
            await trio.lowlevel.checkpoint()
        bench.store.let_go()
        await bench.store.until_committing(2)
        assert bench.store.batches == [1, 100]


async def a_busy_journal(bench: Bench) -> None:
    """As many commits as may follow each other at once, with something held up by each."""
    for number in range(1, module.AT_ONCE + 1):
        bench.writer.hurry()
        await bench.append([received(1) if number == 1 else started(1, number)])


async def test_commits_under_load_keep_a_distance(tmp_path: Path, mock_clock: MockClock) -> None:
    """The clock stands still but for its jumps."""
    async with a_writer(tmp_path) as bench, trio.open_nursery() as nursery:
        await a_busy_journal(bench)
        bench.writer.hurry()
        nursery.start_soon(bench.append, [started(1, module.AT_ONCE + 1)])
        await wait_all_tasks_blocked(0.01)
        assert len(bench.store.batches) == module.AT_ONCE
        mock_clock.jump(1.01 * module.DISTANCE)
        await bench.store.until_committing(module.AT_ONCE + 1)
        mock_clock.jump(1)
        await bench.append([started(1, module.AT_ONCE + 2)])


async def test_what_holds_up_nothing_waits_longer_for_company(tmp_path: Path, mock_clock: MockClock) -> None:
    async with a_writer(tmp_path) as bench, trio.open_nursery() as nursery:
        await a_busy_journal(bench)
        nursery.start_soon(bench.append, [started(1, module.AT_ONCE + 1)])
        await wait_all_tasks_blocked(0.01)
        mock_clock.jump(1.01 * module.DISTANCE)
        await wait_all_tasks_blocked(0.01)
        assert len(bench.store.batches) == module.AT_ONCE
        mock_clock.jump(module.LONG_DISTANCE - module.DISTANCE)
        await bench.store.until_committing(module.AT_ONCE + 1)


async def test_what_waits_goes_along_as_soon_as_something_is_held_up(
    tmp_path: Path, mock_clock: MockClock
) -> None:
    async with a_writer(tmp_path) as bench, trio.open_nursery() as nursery:
        await a_busy_journal(bench)
        nursery.start_soon(bench.append, [started(1, module.AT_ONCE + 1)])
        await wait_all_tasks_blocked(0.01)
        mock_clock.jump(1.01 * module.DISTANCE)
        await wait_all_tasks_blocked(0.01)
        bench.writer.hurry()
        nursery.start_soon(bench.append, [received(2)])
        await bench.store.until_committing(module.AT_ONCE + 1)
        assert bench.store.batches[-1] == 2


async def test_a_hurry_is_over_with_the_next_commit(tmp_path: Path, mock_clock: MockClock) -> None:
    async with a_writer(tmp_path) as bench, trio.open_nursery() as nursery:
        await a_busy_journal(bench)
        mock_clock.jump(1.01 * module.DISTANCE)
        bench.writer.hurry()
        await bench.append([started(1, module.AT_ONCE + 1)])
        nursery.start_soon(bench.append, [started(1, module.AT_ONCE + 2)])
        await wait_all_tasks_blocked(0.01)
        mock_clock.jump(1.01 * module.DISTANCE)
        await wait_all_tasks_blocked(0.01)
        assert len(bench.store.batches) == module.AT_ONCE + 1
        mock_clock.jump(module.LONG_DISTANCE)
        await bench.store.until_committing(module.AT_ONCE + 2)


async def test_enough_entries_wait_for_no_distance(tmp_path: Path, mock_clock: MockClock) -> None:
    async with a_writer(tmp_path) as bench, trio.open_nursery() as nursery:
        await a_busy_journal(bench)
        for place in range(100, 99 + module.ENOUGH):
            nursery.start_soon(bench.append, [received(place)])
        await wait_all_tasks_blocked(0.01)
        assert len(bench.store.batches) == module.AT_ONCE
        await bench.append([received(1000)])
        assert bench.store.batches[-1] == module.ENOUGH


async def test_an_entry_is_durable_and_published_when_append_returns(tmp_path: Path) -> None:
    async with a_writer(tmp_path) as bench:
        first = received(1)
        await bench.append([first])
        assert bench.published == [first]
        assert bench.numbers(1) == [1]


async def test_entries_are_recorded_in_the_order_of_the_appends(tmp_path: Path) -> None:
    async with a_writer(tmp_path) as bench, trio.open_nursery() as nursery:
        bench.store.hold()
        nursery.start_soon(bench.append, [received(1)])
        await bench.store.until_committing(1)
        for number in range(2, 60):
            nursery.start_soon(bench.append, [started(1, number)])
            await wait_all_tasks_blocked()
        bench.store.let_go()
    assert [entry.number for entry in bench.published] == list(range(1, 60))


async def test_no_cancellation_ends_the_wait_for_what_was_appended(tmp_path: Path) -> None:
    async with a_writer(tmp_path) as bench, trio.open_nursery() as nursery:
        told: list[int] = []

        async def cancelled(numbers: Sequence[int]) -> None:
            with trio.CancelScope() as scope:
                scope.cancel()
                await bench.append([received(1) if number == 1 else started(1, number) for number in numbers])
                told.extend(numbers)

        bench.store.hold()
        nursery.start_soon(cancelled, [1, 2])
        await bench.store.until_committing(1)
        nursery.start_soon(cancelled, [3])
        await wait_all_tasks_blocked(0.01)
        assert told == []
        bench.store.let_go()
    assert told == bench.numbers(1) == [1, 2, 3]


async def test_who_waits_for_too_long_is_sent_home_and_the_entries_stay(
    tmp_path: Path, mock_clock: MockClock
) -> None:
    async with a_writer(tmp_path) as bench, trio.open_nursery() as nursery:
        sent_home: list[int] = []

        async def waits(number: int) -> None:
            with pytest.raises(JournalError, match="takes too long"):
                await bench.append([received(1) if number == 1 else started(1, number)], within=5)
            sent_home.append(number)

        bench.store.hold()
        nursery.start_soon(waits, 1)
        await bench.store.until_committing(1)
        nursery.start_soon(waits, 2)
        await wait_all_tasks_blocked()
        nursery.start_soon(partial(bench.append, [started(1, 3)], within=500))
        for _ in range(6):
            await wait_all_tasks_blocked(0.01)
            mock_clock.jump(1)
        await wait_all_tasks_blocked(0.01)
        seen = sorted(sent_home), bench.numbers(1)
        bench.store.let_go()
    assert seen == ([1, 2], [])
    assert bench.numbers(1) == [1, 2, 3]


async def test_a_failed_commit_is_told_to_all_its_callers_and_the_next_is_tried_anew(tmp_path: Path) -> None:
    async with a_writer(tmp_path) as bench:
        bench.store.failures.append(JournalError("the disk is full: make room"))
        errors: list[JournalError] = []

        async def refused(place: int) -> None:
            with pytest.raises(JournalError, match="make room") as caught:
                await bench.append([received(place)])
            errors.append(caught.value)

        async with trio.open_nursery() as nursery:
            for place in (1, 2, 3):
                nursery.start_soon(refused, place)
        assert len({id(error) for error in errors}) == 3
        assert bench.published == []
        await bench.append([received(1), settled(1, 2)])
        assert bench.numbers(1) == [1, 2]


async def test_a_refused_append_harms_nobody_who_shares_its_commit(tmp_path: Path) -> None:
    async with a_writer(tmp_path) as bench:
        await bench.append([received(1, request_id="r", digest="d")])
        seen: list[Exception] = []

        async def told(entry: Entry) -> None:
            try:
                await bench.append([entry])
            except (AlreadyReceived, JournalError) as error:
                seen.append(error)

        async with trio.open_nursery() as nursery:
            for each in (
                received(2, request_id="r"),
                started(2, 2),
                received(3),
                started(1, 7),
                started(1, 2),
            ):
                nursery.start_soon(told, each)
        assert len(bench.store.batches) == 2
        assert sorted(type(error).__name__ for error in seen) == ["AlreadyReceived", *["JournalError"] * 2]
        assert [bench.numbers(place) for place in (1, 2, 3)] == [[1, 2], [], [1]]
        assert [(entry.lead_id, entry.number) for entry in bench.published[1:]] in (
            [(lead_id(3), 1), (lead_id(1), 2)],
            [(lead_id(1), 2), (lead_id(3), 1)],
        )


async def test_what_is_added_until_a_commit_begins_goes_along(tmp_path: Path) -> None:
    """A lead that is received and the deliveries that it starts at once share one commit."""
    async with a_writer(tmp_path) as bench, trio.open_nursery() as nursery:
        bench.store.hold()
        nursery.start_soon(bench.append, [received(1)])
        await bench.store.until_committing(1)
        entries, counts = [received(2)], list[int]()

        async def lead() -> None:
            counts.append(await bench.append(entries))
            counts.append(await bench.append(entries[counts[0] :]))

        nursery.start_soon(lead)
        await wait_all_tasks_blocked()
        entries.append(started(2, 2))
        bench.store.let_go()
        await bench.store.until_committing(2)
        entries.append(started(2, 3))
    assert counts == [2, 1]
    assert bench.numbers(2) == [1, 2, 3]


async def test_nothing_goes_along_with_an_append_whose_caller_was_sent_home(
    tmp_path: Path, mock_clock: MockClock
) -> None:
    """It may have written those entries again, and more, by the time that the journal gets to them."""
    async with a_writer(tmp_path) as bench, trio.open_nursery() as nursery:
        bench.store.hold()
        nursery.start_soon(bench.append, [received(1)])
        await bench.store.until_committing(1)
        entries = [received(2)]

        async def lead() -> None:
            with pytest.raises(JournalError, match="may yet be recorded"):
                await bench.append(entries, within=1)
            entries.append(started(2, 2))

        async with trio.open_nursery() as home:
            home.start_soon(lead)
            await wait_all_tasks_blocked()
            mock_clock.jump(2.1)
        bench.store.let_go()
    assert bench.numbers(2) == [1]


async def test_an_entry_that_cannot_be_encoded_harms_nobody_else(tmp_path: Path) -> None:
    async with a_writer(tmp_path) as bench:
        with pytest.raises(JournalError, match="LeadReceived"):
            await bench.append([started(1, 1)])
        assert bench.store.batches == []
        async with trio.open_nursery() as nursery:
            nursery.start_soon(bench.append, [received(2)])
            with pytest.raises(JournalError, match="LeadReceived"):
                await bench.append([started(1, 1)])
        assert bench.store.batches == [1]


async def test_callers_wait_in_line_while_the_queue_is_full(tmp_path: Path) -> None:
    """Memory is bounded, and the line keeps the order: each lead's second append follows its first."""
    async with a_writer(tmp_path) as bench:

        async def lead(place: int) -> None:
            async with trio.open_nursery() as appends:
                appends.start_soon(
                    bench.append, [received(place), *(started(place, number) for number in range(2, 101))]
                )
                await wait_all_tasks_blocked()
                appends.start_soon(bench.append, [settled(place, 101)])

        async with trio.open_nursery() as nursery:
            bench.store.hold()
            nursery.start_soon(bench.append, [received(1000)])
            await bench.store.until_committing(1)
            for place in range(1, 71):
                nursery.start_soon(lead, place)
            await wait_all_tasks_blocked(0.02)
            with pytest.raises(JournalError, match="nothing of this append"):
                await bench.append([received(2000)], within=0.01)
            bench.store.let_go()
        assert max(bench.store.batches) <= module.MAX_ENTRIES + 100
        assert len(bench.store.batches) > 2
        unsettled = [text(lead) for lead in bench.store.unsettled(b"", ALL)]
        assert unsettled == [lead_id(1000)]


async def test_a_commit_has_no_more_bytes_than_it_may(tmp_path: Path) -> None:
    async with a_writer(tmp_path) as bench:
        async with trio.open_nursery() as nursery:
            bench.store.hold()
            nursery.start_soon(bench.append, [received(1000)])
            await bench.store.until_committing(1)
            for place in range(1, 71):
                large = entry(place, 2, LeadCancelled(reason="x" * 1024 * 1024))
                nursery.start_soon(bench.append, [received(place), large])
            await wait_all_tasks_blocked(0.02)
            bench.store.let_go()
        most = 2 * (module.MAX_BYTES // (1024 * 1024))
        assert bench.store.batches == [1, most, most, 140 - 2 * most]
        assert all(bench.numbers(place) == [1, 2] for place in range(1, 71))


async def test_nobody_jumps_the_line(tmp_path: Path) -> None:
    """One lead's appends keep their order while the queue is full, has room, and is full again."""
    chunk = module.MAX_ENTRIES // 3
    async with a_writer(tmp_path) as bench, trio.open_nursery() as nursery:
        await bench.append([received(1)])
        for first in range(2, 60 * chunk, chunk):
            nursery.start_soon(bench.append, [started(1, first + step) for step in range(chunk)])
            await trio.lowlevel.checkpoint()
    assert [entry.number for entry in bench.published] == list(range(1, 60 * chunk + 2))


async def test_closing_flushes_what_was_queued_and_takes_nothing_more(tmp_path: Path) -> None:
    async with a_writer(tmp_path) as bench, trio.open_nursery() as nursery:
        bench.store.hold()
        nursery.start_soon(bench.append, [received(1)])
        await bench.store.until_committing(1)
        nursery.start_soon(bench.append, [started(1, 2)])
        await wait_all_tasks_blocked()
        bench.writer.close()
        with pytest.raises(JournalError, match="the journal is closed"):
            await bench.append([received(2)])
        bench.store.let_go()
    assert [entry.number for entry in bench.published] == [1, 2]


async def test_last_words_are_taken_while_everything_is_being_cancelled(tmp_path: Path) -> None:
    with trio.CancelScope() as everything:
        async with a_writer(tmp_path) as bench:
            await bench.append([received(1)])
            everything.cancel()
            with trio.CancelScope(shield=True):
                await bench.append([settled(1, 2)])
    assert [entry.number for entry in bench.published] == [1, 2]


async def test_a_defect_in_the_store_ends_the_writer_and_leaves_no_caller_waiting(tmp_path: Path) -> None:
    seen: list[str] = []

    async def told(bench: Bench, place: int) -> None:
        with trio.CancelScope(shield=True), pytest.raises(JournalError, match="writer has failed") as caught:
            await bench.append([received(place)])
        seen.append(str(caught.value))

    async def work() -> None:
        async with a_writer(tmp_path) as bench, trio.open_nursery() as nursery:
            bench.store.failures.append(LookupError("ada@example.com"))
            bench.store.hold()
            nursery.start_soon(told, bench, 1)
            await bench.store.until_committing(1)
            nursery.start_soon(told, bench, 2)
            await wait_all_tasks_blocked()
            bench.store.let_go()

    with pytest.raises(ExceptionGroup) as caught:
        await work()
    assert caught.group_contains(LookupError)
    assert len(seen) == 2
    assert "ada" not in "".join(seen)


async def test_other_writes_come_between_commits(tmp_path: Path) -> None:
    async with a_writer(tmp_path) as bench:
        async with trio.open_nursery() as nursery:
            bench.store.hold()
            nursery.start_soon(bench.append, [received(1)])
            await bench.store.until_committing(1)
            nursery.start_soon(bench.writer.write, lambda: bench.store.move_cursor("traces", 1))
            await wait_all_tasks_blocked(0.01)
            assert bench.store.cursor("traces") == 0
            bench.store.let_go()
        assert bench.store.cursor("traces") == 1


async def test_the_committing_thread_may_interrupt_a_busy_loop_before_its_tick_ends(tmp_path: Path) -> None:
    before = sys.getswitchinterval()
    async with a_writer(tmp_path):
        assert sys.getswitchinterval() <= module.SWITCH_INTERVAL
    assert sys.getswitchinterval() == before
