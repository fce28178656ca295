"""The journal in memory keeps what the port promises; every test of the runtime leans on it besides."""

import pytest
from trio.testing import MockClock

from journal.samples import entry, lead_id, received, settled, started
from leadrelay.core.errors import AlreadyReceived, JournalError
from leadrelay.core.facts import LeadParked, LeadReceived
from leadrelay.journal.memory import MemoryJournal


async def test_entries_come_back_in_order(autojump_clock: MockClock) -> None:
    journal = MemoryJournal()
    await journal.append([received(1, request_id="r-1"), started(1, 2)])
    assert await journal.read(lead_id(1)) == [received(1, request_id="r-1"), started(1, 2)]
    assert await journal.read(lead_id(1), 1) == [started(1, 2)]
    assert await journal.read(lead_id(2)) == []
    assert await journal.find("r-1") == lead_id(1)


async def test_a_request_id_that_is_taken_and_a_gap_are_refused(autojump_clock: MockClock) -> None:
    journal = MemoryJournal()
    await journal.append([received(1, request_id="r-1")])
    with pytest.raises(AlreadyReceived):
        await journal.append([received(2, request_id="r-1")])
    with pytest.raises(JournalError, match="does not follow"):
        await journal.append([started(1, 3)])


async def test_what_is_open_and_what_is_due_are_told(autojump_clock: MockClock) -> None:
    journal = MemoryJournal()
    parked = entry(3, 2, LeadParked(due_at=7))
    await journal.append([received(1), received(2), settled(2, 2), received(3), parked])
    assert await journal.unsettled() == [lead_id(1)]
    assert await journal.due() == [(7, lead_id(3))]


async def test_who_waits_for_a_cap_is_told_until_the_lead_goes_on(autojump_clock: MockClock) -> None:
    journal = MemoryJournal()
    waits = {"crm": "a", "dialer": "b"}
    await journal.append([received(1), entry(1, 2, LeadParked(due_at=7, waits=waits))])
    await journal.append([received(2), entry(2, 2, LeadParked(due_at=7, waits={"crm": "a"}))])
    line = [(lead_id(1), "crm"), (lead_id(2), "crm")]
    assert await journal.waiting("a") == line
    assert await journal.waiting("a", line[0]) == line[1:]
    assert await journal.waited_for() == ["a", "b"]
    await journal.append([settled(1, 3)])
    assert await journal.waited_for() == ["a"]


async def test_each_lead_draws_the_next_number(autojump_clock: MockClock) -> None:
    journal = MemoryJournal()
    for place in (1, 2):
        plain = received(place).fact
        assert isinstance(plain, LeadReceived)
        await journal.append([entry(place, 1, LeadReceived(lead=plain.lead, turns={"loans/1": 0}))])
    firsts = [(await journal.read(lead_id(place)))[0].fact for place in (1, 2)]
    assert [fact.turns for fact in firsts if isinstance(fact, LeadReceived)] == [
        {"loans/1": 1},
        {"loans/1": 2},
    ]
