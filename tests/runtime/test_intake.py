"""Leads in: durable before they are ours, refused before anything is written (behaviour 8)."""

import pytest
import trio
from trio.testing import MockClock

from fakes import Buyer, MemoryJournal, answers, breaks, hangs, refuses
from house import a_house
from leadrelay.core.destination import WhenUnknown
from leadrelay.core.errors import AlreadyReceived, JournalError
from leadrelay.core.facts import AttemptEnded, AttemptStarted, DeliveryEnded, LeadSettled
from leadrelay.core.outcome import Arrived, ReasonCode, Result
from leadrelay.core.retry import Backoff
from leadrelay.runtime.intake import Draining, Overloaded
from values import ACCEPTED, LEAD_ID, REJECTED, a_catalog, a_destination, a_lead, waterfall

SECOND = LEAD_ID[:-1] + "2"


async def test_a_lead_is_durable_when_receive_returns(autojump_clock: MockClock) -> None:
    journal = MemoryJournal(commit_takes=1)
    async with a_house(a_catalog(a_destination("a")), {"a": Buyer(hangs)}, journal=journal) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        assert house.facts()


async def test_a_request_id_that_is_taken_is_refused_and_nothing_is_sent(autojump_clock: MockClock) -> None:
    buyer = Buyer(answers(body=ACCEPTED))
    async with a_house(a_catalog(a_destination("a")), {"a": buyer}) as house:
        await house.deliver(a_lead(request_id="r-1"))
        with pytest.raises(AlreadyReceived) as caught:
            await house.intake.receive(a_lead(lead_id=SECOND, request_id="r-1"), "other", house.catalog)
        await trio.sleep(1)
        assert house.facts(SECOND) == []
    assert (caught.value.lead_id, caught.value.digest) == (LEAD_ID, "digest")
    assert len(buyer.requests) == 1


async def test_too_many_leads_are_refused_before_anything_is_written(autojump_clock: MockClock) -> None:
    async with a_house(a_catalog(a_destination("a")), {"a": Buyer(hangs)}, max_leads=1) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        with pytest.raises(Overloaded) as caught:
            await house.intake.receive(a_lead(lead_id=SECOND), "", house.catalog)
        assert house.facts(SECOND) == []
    assert caught.value.retry_after > 0


async def test_a_lead_of_a_lead_under_way_is_taken_when_the_intake_is_full_or_closed(
    autojump_clock: MockClock,
) -> None:
    async with a_house(a_catalog(a_destination("a")), {"a": Buyer(hangs)}, max_leads=1) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        house.intake.close()
        await house.intake.receive(a_lead(lead_id=SECOND), "", house.catalog, is_inner=True)
        assert house.facts(SECOND)


async def test_a_journal_that_cannot_be_written_refuses_the_lead_and_nothing_is_sent(
    autojump_clock: MockClock,
) -> None:
    journal = MemoryJournal()
    journal.is_broken = True
    buyer = Buyer(answers(body=ACCEPTED))
    async with a_house(a_catalog(a_destination("a")), {"a": buyer}, journal=journal) as house:
        with pytest.raises(JournalError):
            await house.intake.receive(a_lead(), "", house.catalog)
        journal.is_broken = False
        await trio.sleep(60)
    assert buyer.requests == []


async def test_a_lead_that_the_journal_failed_half_way_is_finished_once_it_works_again(
    autojump_clock: MockClock,
) -> None:
    """Nothing lost: the answer that came in meanwhile is kept, and nobody is asked twice."""
    journal = MemoryJournal()
    buyers = {"a": Buyer(answers(body=REJECTED, after=5)), "b": Buyer(answers(body=ACCEPTED))}
    catalog = a_catalog(a_destination("a"), a_destination("b"), step=waterfall("a", "b"))
    async with a_house(catalog, buyers, journal=journal) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        await trio.sleep(1)
        journal.is_broken = True
        await trio.sleep(30)
        assert not any(isinstance(fact, LeadSettled) for fact in house.facts())
        journal.is_broken = False
        settled = await house.settled(LEAD_ID)
        assert house.intake.ledger.under_way == 0
    assert settled.result is Result.SUCCESS
    assert len(buyers["a"].requests) == 1
    assert len(buyers["b"].requests) == 1


async def test_a_drain_lets_leads_under_way_finish_and_takes_no_more(autojump_clock: MockClock) -> None:
    async with a_house(a_catalog(a_destination("a")), {"a": Buyer(answers(body=ACCEPTED, after=3))}) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        await house.intake.drain(grace=10)
        assert trio.current_time() == pytest.approx(3, abs=0.1)
        with pytest.raises(Draining):
            await house.intake.receive(a_lead(lead_id=SECOND), "", house.catalog)
        assert isinstance(house.facts()[-1], LeadSettled)


async def test_what_the_stop_cuts_short_is_written_down_as_it_is(autojump_clock: MockClock) -> None:
    """Design 2.2: unsettled leads stay in the journal and resume."""
    async with a_house(a_catalog(a_destination("a")), {"a": Buyer(hangs)}) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        await trio.sleep(1)
    ended = house.facts()[-1]
    assert isinstance(ended, AttemptEnded)
    assert (ended.outcome.code, ended.outcome.arrived) == (ReasonCode.INTERRUPTED, Arrived.UNKNOWN)


async def run_and_kill(journal: MemoryJournal, buyers: dict[str, Buyer], **kwargs: object) -> None:
    """An engine that dies, as by SIGKILL, a second after it took a lead: nothing more is written."""
    catalog = a_catalog(*map(a_destination, buyers), step=waterfall(*buyers))
    async with a_house(catalog, buyers, journal=journal) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        await trio.sleep(1)
        dead = MemoryJournal()
        dead.entries, dead._requests = {LEAD_ID: list(journal.entries[LEAD_ID])}, dict(journal._requests)
        kept = dead.entries
    journal.entries = kept


async def test_after_a_crash_an_attempt_without_an_end_reads_as_unknown(autojump_clock: MockClock) -> None:
    """Behaviour 4.5 and design 2.3: it is not sent again and not offered to the next."""
    journal = MemoryJournal()
    await run_and_kill(journal, {"a": Buyer(hangs), "b": Buyer(refuses)})
    assert isinstance(journal.facts(LEAD_ID)[-1], AttemptStarted)
    buyers = {"a": Buyer(answers(body=ACCEPTED)), "b": Buyer(answers(body=ACCEPTED))}
    catalog = a_catalog(*map(a_destination, buyers), step=waterfall(*buyers))
    async with a_house(catalog, buyers, journal=journal) as house:
        assert await house.intake.resume() == 1
        settled = await house.settled(LEAD_ID)
        outcome = house.outcomes()["a"]
    assert settled.result is Result.UNRESOLVED
    assert (outcome.code, outcome.arrived) == (ReasonCode.INTERRUPTED, Arrived.UNKNOWN)
    assert buyers["a"].requests == buyers["b"].requests == []


async def test_after_a_crash_a_recipient_that_honours_our_key_gets_the_lead_again(
    autojump_clock: MockClock,
) -> None:
    journal, first = MemoryJournal(), Buyer(hangs)
    await run_and_kill(journal, {"a": first, "b": Buyer(refuses)})
    buyers = {"a": Buyer(answers(body=ACCEPTED)), "b": Buyer(answers(body=ACCEPTED))}
    resends = a_destination("a", when_unknown=WhenUnknown.RESEND, retry=Backoff(attempts=3))
    catalog = a_catalog(resends, a_destination("b"), step=waterfall("a", "b"))
    async with a_house(catalog, buyers, journal=journal) as house:
        await house.intake.resume()
        settled = await house.settled(LEAD_ID)
    assert settled.result is Result.SUCCESS
    assert buyers["a"].keys == first.keys
    assert buyers["b"].requests == []


async def test_after_a_crash_a_waterfall_goes_on_where_it_was(autojump_clock: MockClock) -> None:
    journal, first = MemoryJournal(), Buyer(answers(body=REJECTED))
    catalog = a_catalog(*map(a_destination, "ab"), step=waterfall("a", "b"))
    async with a_house(catalog, {"a": first, "b": Buyer(answers(503, after=0))}, journal=journal) as house:
        await house.deliver()
    rows = journal.entries[LEAD_ID]
    cut = next(n for n, row in enumerate(rows) if isinstance(row.fact, DeliveryEnded)) + 1
    journal.entries[LEAD_ID] = rows[:cut]
    buyers = {"a": Buyer(answers(body=ACCEPTED)), "b": Buyer(answers(body=ACCEPTED))}
    async with a_house(catalog, buyers, journal=journal) as house:
        await house.intake.resume()
        settled = await house.settled(LEAD_ID)
    assert settled.reason == "accepted by b"
    assert buyers["a"].requests == []


@pytest.mark.parametrize("cut", range(1, 12))
async def test_a_crash_after_any_fact_ends_in_at_most_one_sale(cut: int, autojump_clock: MockClock) -> None:
    """The journal is cut after every one of its facts in turn; the lead is finished, sold once."""
    catalog = a_catalog(
        a_destination("a", retry=Backoff(attempts=3, first_delay=1)),
        a_destination("b", when_unknown=WhenUnknown.RESEND, retry=Backoff(attempts=2)),
        step=waterfall("a", "b"),
    )

    def buyers() -> dict[str, Buyer]:
        return {
            "a": Buyer(refuses, answers(body=REJECTED)),
            "b": Buyer(breaks, answers(body=ACCEPTED)),
        }

    journal, before = MemoryJournal(), buyers()
    async with a_house(catalog, before, journal=journal) as house:
        assert (await house.deliver()).result is Result.SUCCESS
    total = len(journal.entries[LEAD_ID])
    journal.entries[LEAD_ID] = journal.entries[LEAD_ID][: min(cut, total - 1)]
    after = buyers()
    async with a_house(catalog, after, journal=journal) as house:
        await house.intake.resume()
        settled = await house.settled(LEAD_ID)
    assert settled.result in (Result.SUCCESS, Result.UNRESOLVED)
    assert len(set(before["b"].keys + after["b"].keys)) == 1, "b saw one idempotency key throughout"
