"""What an earlier run left is taken up, whatever else goes on meanwhile (design 2.1, 2.2)."""

import math
from collections.abc import Sequence

import pytest
import trio
from trio.testing import MockClock

from fakes import Buyer, MemoryJournal, answers, hangs
from house import a_house
from leadrelay.core.destination import WhenUnknown
from leadrelay.core.errors import JournalError, Undecided
from leadrelay.core.facts import Entry, LeadCancelled, LeadReceived, LeadSettled
from leadrelay.core.lead import Lead
from leadrelay.runtime.intake import PATIENCE, RESUME_PAGE
from values import ACCEPTED, LEAD_ID, MOMENT, a_catalog, a_destination, a_lead

CATALOG = a_catalog(a_destination("a"))


def leads(count: int) -> list[Lead]:
    return [a_lead(lead_id=f"{LEAD_ID[:-4]}{number:04x}") for number in range(1, count + 1)]


def left_by_an_earlier_run(count: int, journal: MemoryJournal | None = None) -> MemoryJournal:
    """A journal in which so many leads were received and nothing more happened."""
    journal = journal or MemoryJournal()
    for lead in leads(count):
        journal.entries[lead.id] = [Entry(lead.id, 1, MOMENT, LeadReceived(lead=lead))]
    return journal


class Damaged(MemoryJournal):
    """Cannot read some leads."""

    def __init__(self, *lead_ids: str) -> None:
        super().__init__()
        self.damaged = set(lead_ids)

    async def read(self, lead_id: str, after: int = 0) -> list[Entry]:
        if lead_id in self.damaged:
            raise JournalError("entry 1 cannot be read by this version")
        return await super().read(lead_id, after)


async def test_one_lead_that_cannot_be_read_holds_up_no_other(autojump_clock: MockClock) -> None:
    first, second, third = leads(3)
    journal = left_by_an_earlier_run(3, Damaged(second.id))
    assert isinstance(journal, Damaged)
    async with a_house(CATALOG, {"a": Buyer(answers(body=ACCEPTED))}, journal=journal) as house:
        with pytest.raises(JournalError, match="1 lead"):
            await house.intake.resume()
        await house.settled(first.id)
        await house.settled(third.id)
        journal.damaged.clear()
        assert await house.intake.resume() == 1, "another call takes up what was left, and nothing twice"
        await house.settled(second.id)
    assert house.intake.ledger.resumed == 3


async def test_a_lead_that_settles_while_others_are_taken_up_is_not_carried_again(
    autojump_clock: MockClock,
) -> None:
    """It was received by this run, and stood among the unsettled ones when those were listed."""

    class Slow(MemoryJournal):
        async def unsettled(self, after: str = "", limit: int = 1000) -> list[str]:
            page = await super().unsettled(after, limit)
            await trio.sleep(10)
            return page

    buyer = Buyer(answers(body=ACCEPTED, after=1))
    async with a_house(CATALOG, {"a": buyer}, journal=Slow()) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        assert await house.intake.resume() == 0
        await trio.sleep(10)
        settled = [fact for fact in house.facts() if isinstance(fact, LeadSettled)]
    assert len(settled) == 1
    assert len(buyer.requests) == 1


async def test_leads_that_are_received_meanwhile_do_not_keep_it_from_ending(
    autojump_clock: MockClock,
) -> None:
    class Counting(MemoryJournal):
        pages = 0

        async def unsettled(self, after: str = "", limit: int = 1000) -> list[str]:
            self.pages += 1
            page = await super().unsettled(after, limit)
            newest = f"{LEAD_ID[:-12]}{self.pages:012x}"
            await house.intake.receive(a_lead(lead_id=newest), "", house.catalog)
            return page

    journal = Counting()
    async with a_house(CATALOG, {"a": Buyer(hangs)}, journal=journal) as house:
        await house.intake.resume()
    assert journal.pages == 1


async def test_all_pages_are_taken_up(autojump_clock: MockClock) -> None:
    count = 2 * RESUME_PAGE + 3
    journal = left_by_an_earlier_run(count)
    async with a_house(CATALOG, {"a": Buyer(answers(body=ACCEPTED))}, journal=journal) as house:
        assert await house.intake.resume() == count
        await trio.sleep(60)
        assert house.intake.ledger.settled == count


async def test_a_drain_ends_it(autojump_clock: MockClock) -> None:
    """What is not under way yet is left to the next start."""
    journal = left_by_an_earlier_run(10)
    buyer = Buyer(answers(body=ACCEPTED, after=5))
    async with a_house(CATALOG, {"a": buyer}, journal=journal, max_leads=2) as house:
        house.nursery.start_soon(house.intake.resume)
        await trio.sleep(1)
        await house.intake.drain(grace=60)
        assert trio.current_time() == pytest.approx(5, abs=0.5)
    assert len(buyer.requests) == 2
    assert len(await journal.unsettled()) == 8


async def test_a_cancellation_is_durable_once_it_is_written(autojump_clock: MockClock) -> None:
    journal = MemoryJournal(commit_takes=0.5)
    async with a_house(CATALOG, {"a": Buyer(hangs)}, journal=journal) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        await trio.sleep(2)
        assert await house.intake.cancel(LEAD_ID, "asked by a test")
        await house.intake.written(LEAD_ID)
        assert LeadCancelled(reason="asked by a test") in house.facts()
        await house.intake.written("of no lead")


@pytest.mark.parametrize(
    ("when_unknown", "accepted", "sent"), [(WhenUnknown.RESEND, 1, 2), (WhenUnknown.HOLD, 0, 1)]
)
async def test_what_our_own_stop_broke_off_is_sent_again_where_the_recipient_honours_the_key(
    autojump_clock: MockClock, when_unknown: WhenUnknown, accepted: int, sent: int
) -> None:
    """It was no try of the recipient's, so that one attempt in all is not used up by it (behaviour 4.5)."""
    catalog, journal = a_catalog(a_destination("a", when_unknown=when_unknown)), MemoryJournal()
    buyer = Buyer(hangs, answers(body=ACCEPTED))
    async with a_house(catalog, {"a": buyer}, journal=journal) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        await trio.sleep(1)
    async with a_house(catalog, {"a": buyer}, journal=journal) as house:
        await house.intake.resume()
        assert (await house.settled(LEAD_ID)).accepted == accepted
    assert len(buyer.requests) == sent
    assert len(set(buyer.keys)) == 1


async def test_a_journal_that_takes_too_long_decides_nothing(autojump_clock: MockClock) -> None:
    """The caller hears that nobody knows; the lead is carried if it reaches the disk after all."""

    class Stalls(MemoryJournal):
        async def append(self, entries: Sequence[Entry], within: float = math.inf) -> int:
            if trio.current_time() < 1:
                with trio.CancelScope(shield=True):
                    await trio.sleep(3 * PATIENCE)
            return await super().append(entries, within)

    buyer = Buyer(answers(body=ACCEPTED))
    async with a_house(CATALOG, {"a": buyer}, journal=Stalls()) as house:
        with pytest.raises(Undecided):
            await house.intake.receive(a_lead(), "", house.catalog)
        assert trio.current_time() == pytest.approx(PATIENCE)
        await house.settled(LEAD_ID)
        assert house.intake.ledger.received == house.intake.ledger.settled == 1
    assert len(buyer.requests) == 1
