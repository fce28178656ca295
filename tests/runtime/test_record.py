"""A lead's facts: numbered without a gap, in order, durable before they are acted on (design 2.3)."""

import math
from collections.abc import Sequence

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from fakes import MemoryJournal, TrioClock
from leadrelay.core.errors import AlreadyReceived, JournalError
from leadrelay.core.facts import Entry, LeadCancelled, LeadReceived
from leadrelay.runtime.record import LAST_WORDS, LeadRecord
from values import LEAD_ID, a_lead

RECEIVED = LeadReceived(lead=a_lead())


def a_fact(name: str) -> LeadCancelled:
    return LeadCancelled(reason=name)


def reasons(journal: MemoryJournal) -> list[str]:
    return [fact.reason for fact in journal.facts(LEAD_ID) if isinstance(fact, LeadCancelled)]


async def test_what_was_noted_goes_out_with_what_is_told(autojump_clock: MockClock) -> None:
    journal = MemoryJournal()
    record = LeadRecord(journal, TrioClock(), LEAD_ID)
    await record.tell(RECEIVED)
    record.note(a_fact("a"))
    record.note(a_fact("b"))
    assert reasons(journal) == []
    await record.tell(a_fact("c"))
    assert reasons(journal) == ["a", "b", "c"]
    assert journal.commits == 2


async def test_several_who_tell_at_once_share_a_commit(autojump_clock: MockClock) -> None:
    journal = MemoryJournal(commit_takes=0.01)
    record = LeadRecord(journal, TrioClock(), LEAD_ID)
    await record.tell(RECEIVED)
    async with trio.open_nursery() as nursery:
        for name in "abcdef":
            nursery.start_soon(record.tell, a_fact(name))
    assert sorted(reasons(journal)) == list("abcdef")
    assert journal.commits <= 3


async def test_the_journal_is_hurried_where_something_is_held_up(autojump_clock: MockClock) -> None:
    """What a lead's source or its next request waits for; not what has happened and is only told."""

    class Hurried(MemoryJournal):
        hurries = 0

        def hurry(self) -> None:
            self.hurries += 1

    journal = Hurried(commit_takes=1)
    record = LeadRecord(journal, TrioClock(), LEAD_ID)
    record.note(RECEIVED)
    await record.keep()
    assert journal.hurries == 1
    record.note(a_fact("kept"))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(record.keep)
        await trio.testing.wait_all_tasks_blocked()
        assert journal.hurries == 1
        nursery.start_soon(record.tell, a_fact("told"))
        await trio.testing.wait_all_tasks_blocked()
        assert journal.hurries == 2, "while another write is under way"
    assert reasons(journal) == ["kept", "told"]


async def test_nothing_is_told_before_it_is_durable(autojump_clock: MockClock) -> None:
    journal = MemoryJournal(commit_takes=1)
    record = LeadRecord(journal, TrioClock(), LEAD_ID)
    await record.tell(RECEIVED)
    assert trio.current_time() >= 1
    assert journal.facts(LEAD_ID) == [RECEIVED]


async def test_a_cancelled_teller_leaves_no_gap(autojump_clock: MockClock) -> None:
    journal = MemoryJournal(commit_takes=1)
    record = LeadRecord(journal, TrioClock(), LEAD_ID)
    await record.tell(RECEIVED)
    with trio.move_on_after(0.5):
        await record.tell(a_fact("a"))
    await record.tell(a_fact("b"))
    assert reasons(journal) == ["a", "b"]


async def test_the_first_write_may_fail_for_the_lead_is_not_ours_yet(autojump_clock: MockClock) -> None:
    journal = MemoryJournal()
    journal.is_broken = True
    record = LeadRecord(journal, TrioClock(), LEAD_ID)
    with pytest.raises(JournalError):
        await record.tell(RECEIVED)
    journal.is_broken = False
    with pytest.raises(JournalError):
        await record.tell(a_fact("a"))
    assert journal.facts(LEAD_ID) == []


async def test_a_request_id_that_is_taken_ends_the_record(autojump_clock: MockClock) -> None:
    journal = MemoryJournal()
    await LeadRecord(journal, TrioClock(), LEAD_ID).tell(LeadReceived(lead=a_lead(request_id="r")))
    other = a_lead(lead_id=LEAD_ID[:-1] + "2", request_id="r")
    record = LeadRecord(journal, TrioClock(), other.id)
    for fact in (LeadReceived(lead=other), a_fact("a")):
        with pytest.raises(AlreadyReceived):
            await record.tell(fact)


async def test_once_the_lead_is_ours_a_write_is_tried_until_it_works(autojump_clock: MockClock) -> None:
    journal = MemoryJournal()
    record = LeadRecord(journal, TrioClock(), LEAD_ID)
    await record.tell(RECEIVED)
    journal.is_broken = True
    async with trio.open_nursery() as nursery:
        for name in "ab":
            nursery.start_soon(record.tell, a_fact(name))
        await trio.sleep(100)
        journal.is_broken = False
    assert sorted(reasons(journal)) == ["a", "b"]


async def test_a_write_that_failed_and_landed_all_the_same_is_not_written_twice(
    autojump_clock: MockClock,
) -> None:
    class Lies(MemoryJournal):
        """Says that it failed after it wrote, as a disk may at the end of a commit."""

        lies = False

        async def append(self, entries: Sequence[Entry], within: float = math.inf) -> int:
            count = await super().append(entries, within)
            if self.lies:
                self.lies = False
                raise JournalError("I/O error")
            return count

    journal = Lies()
    record = LeadRecord(journal, TrioClock(), LEAD_ID)
    await record.tell(RECEIVED)
    journal.lies = True
    await record.tell(a_fact("a"))
    await record.tell(a_fact("b"))
    assert reasons(journal) == ["a", "b"]


async def test_only_the_end_of_the_first_write_says_whose_the_lead_is(autojump_clock: MockClock) -> None:
    """A commit that takes long may well succeed: to call it failed would let the lead be sold twice."""
    journal = MemoryJournal(commit_takes=10 * LAST_WORDS)
    record = LeadRecord(journal, TrioClock(), LEAD_ID)
    await record.tell(RECEIVED)
    assert journal.facts(LEAD_ID) == [RECEIVED]


async def test_a_later_write_that_hangs_is_tried_anew(autojump_clock: MockClock) -> None:
    class Hangs(MemoryJournal):
        hangs = False

        async def append(self, entries: Sequence[Entry], within: float = math.inf) -> int:
            self.commit_takes = math.inf if self.hangs else 0
            self.hangs = False
            return await super().append(entries, within)

    journal = Hangs()
    record = LeadRecord(journal, TrioClock(), LEAD_ID)
    await record.tell(RECEIVED)
    journal.hangs = True
    await record.tell(a_fact("a"))
    assert LAST_WORDS <= trio.current_time() <= LAST_WORDS + 2
    assert reasons(journal) == ["a"]


async def test_a_stop_while_the_journal_fails_does_not_hang(autojump_clock: MockClock) -> None:
    journal = MemoryJournal()
    record = LeadRecord(journal, TrioClock(), LEAD_ID)
    await record.tell(RECEIVED)
    journal.is_broken = True
    with trio.move_on_after(5):
        await record.tell(a_fact("a"))
    assert trio.current_time() == pytest.approx(5, abs=0.1)
