"""Whoever asks the books is told of everything that was durable then (behaviour 10)."""

from pathlib import Path

import trio
from trio.testing import MockClock

from journal.samples import entry, lead_id, received, settled
from leadrelay.core.facts import DeliveryEnded
from leadrelay.core.outcome import Kind, Outcome
from leadrelay.journal.books import LINGER, Books
from leadrelay.journal.journal import Journal, open_journal
from leadrelay.journal.sqlite_books import CURSOR
from leadrelay.journal.store import LeadFilter

SOLD = DeliveryEnded(delivery="crm", destination="crm", outcome=Outcome(kind=Kind.SUCCESS), attempts=1)


async def sell(journal: Journal, place: int) -> None:
    await journal.append([received(place), entry(place, 2, SOLD), settled(place, 3)])


async def test_an_answer_lacks_nothing_that_was_told_before_the_question(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        books = Books(journal)
        for place in range(1, 6):
            await sell(journal, place)
            assert sum(each.number for each in await books.sums("destination")) == place
        assert await books.leads_by("flow") == {"loans": 5}
        assert await books.matching(LeadFilter(destination="crm"), limit=2) == [lead_id(5), lead_id(4)]
        assert await books.matching(LeadFilter(), lead_id(4), limit=2) == [lead_id(3), lead_id(2)]
        assert await books.family(lead_id(1)) == {lead_id(1): "success"}


async def test_many_who_ask_at_once_are_all_answered(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        books, told = Books(journal), list[int]()

        async def ask() -> None:
            told.append(sum(each.number for each in await books.sums("flow")))

        for place in range(1, 30):
            await sell(journal, place)
        async with trio.open_nursery() as nursery:
            for _ in range(10):
                nursery.start_soon(ask)
    assert told == [29] * 10


async def test_they_are_kept_while_nobody_asks(tmp_path: Path, autojump_clock: MockClock) -> None:
    """So that a question after a busy day is answered at once."""
    async with open_journal(tmp_path) as journal:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(Books(journal).run)
            await sell(journal, 1)
            for _ in range(1_000):  # threads take no virtual time
                await trio.sleep(LINGER)
                if await journal.cursor(CURSOR) == await journal.last():
                    break
            nursery.cancel_scope.cancel()
        assert not await journal.write(lambda store: store.advance(1)), "there is nothing left to take in"
