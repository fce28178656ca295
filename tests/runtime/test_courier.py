"""One lead through its flow (behaviour 5, design 2.2)."""

from dataclasses import replace

import trio
from trio.testing import MockClock

from fakes import Buyer, MemoryJournal, answers, hangs, refuses
from house import a_house
from leadrelay.core.condition import compile_condition
from leadrelay.core.destination import Timeouts
from leadrelay.core.facts import (
    AttemptEnded,
    AttemptStarted,
    DeliveryEnded,
    LeadCancelled,
    LeadReceived,
    LeadSettled,
)
from leadrelay.core.flow import Filter, Sequence, Step
from leadrelay.core.mapping import Rule
from leadrelay.core.outcome import Kind, ReasonCode, Result
from leadrelay.core.retry import Backoff
from values import ACCEPTED, LEAD_ID, REJECTED, a_catalog, a_destination, a_lead, parallel, to, waterfall


async def test_a_waterfall_tries_in_order_until_one_accepts(autojump_clock: MockClock) -> None:
    buyers = {"a": Buyer(answers(body=REJECTED)), "b": Buyer(answers(body=ACCEPTED)), "c": Buyer(refuses)}
    catalog = a_catalog(*map(a_destination, "abc"), step=waterfall(*"abc"))
    async with a_house(catalog, buyers) as house:
        settled = await house.deliver()
        outcomes = house.outcomes()
    assert settled.result is Result.SUCCESS
    assert outcomes["a"].kind is Kind.HARD_REJECT
    assert outcomes["b"].accepted
    assert outcomes["c"].code is ReasonCode.ALREADY_SOLD
    assert buyers["c"].requests == []


async def test_one_dead_destination_does_not_slow_another(autojump_clock: MockClock) -> None:
    """Behaviour 7: isolation, in virtual time; tests/stories has it with real sockets."""
    times = Timeouts(response=25, total=30)
    catalog = a_catalog(
        a_destination("dead", timeouts=times), a_destination("quick"), step=parallel("dead", "quick")
    )
    buyers = {"dead": Buyer(hangs), "quick": Buyer(answers(body=ACCEPTED, after=0.1))}
    async with a_house(catalog, buyers) as house:
        ended: dict[str, float] = {}
        await house.intake.receive(a_lead(), "", house.catalog)
        async with house.journal.follow(LEAD_ID) as news:
            while len(ended) < 2:
                entry = await news.next()
                if isinstance(entry.fact, DeliveryEnded):
                    ended[entry.fact.delivery] = trio.current_time()
    assert ended["quick"] < 0.2
    assert 24 < ended["dead"] < 26


async def test_no_byte_leaves_before_its_start_is_durable(autojump_clock: MockClock) -> None:
    """Design 2.3."""
    journal = MemoryJournal(commit_takes=0.5)
    buyer = Buyer(answers(body=ACCEPTED))
    async with a_house(a_catalog(a_destination("a")), {"a": buyer}, journal=journal) as house:
        await house.deliver()
    assert buyer.called_at[0] >= 0.5


async def test_the_facts_of_a_wave_share_a_commit(autojump_clock: MockClock) -> None:
    """Design 2.3: at most two commits on the way of a lead with one wave, after it was received."""
    journal = MemoryJournal(commit_takes=0.01)
    catalog = a_catalog(*map(a_destination, "abc"), step=parallel(*"abc"))
    buyers = {name: Buyer(answers(body=ACCEPTED, after=1)) for name in "abc"}
    async with a_house(catalog, buyers, journal=journal) as house:
        await house.deliver()
    assert journal.commits <= 3


async def test_a_wave_begins_in_the_commit_that_ends_what_was_before_it(autojump_clock: MockClock) -> None:
    """Design 2.3: the receipt with the first start, each end with the next start, the last end with the rest.

    The first lead opens the outlets, which takes longer.
    """
    journal = MemoryJournal(commit_takes=0.01)
    steps = Step(kind=Sequence(steps=(to("a"), to("b"), parallel(*"cde"))))
    buyers = {name: Buyer(answers(body=ACCEPTED, after=1)) for name in "abcde"}
    async with a_house(a_catalog(*map(a_destination, "abcde"), step=steps), buyers, journal=journal) as house:
        await house.deliver()
        before = journal.commits
        await house.deliver(a_lead(lead_id=LEAD_ID[:-1] + "2"))
    assert journal.commits - before == 4


async def test_facts_are_numbered_without_a_gap_and_in_the_order_of_things(autojump_clock: MockClock) -> None:
    async with a_house(a_catalog(a_destination("a")), {"a": Buyer(answers(body=ACCEPTED))}) as house:
        await house.deliver()
        entries = house.journal.entries[LEAD_ID]
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5]
    assert [type(entry.fact) for entry in entries] == [
        LeadReceived,
        AttemptStarted,
        AttemptEnded,
        DeliveryEnded,
        LeadSettled,
    ]


async def test_a_later_destination_reads_what_an_earlier_one_answered(autojump_clock: MockClock) -> None:
    """Behaviour 3.1: `appended.<destination>.*`."""
    rules = (Rule(to="crm_id", value="{{appended.crm.id}}"),)
    step = Step(kind=Sequence(steps=(to("crm"), to("copy"))))
    catalog = a_catalog(a_destination("crm"), a_destination("copy", rules=rules), step=step)
    copy = Buyer(answers(body=ACCEPTED))
    async with a_house(catalog, {"crm": Buyer(answers(body=ACCEPTED)), "copy": copy}) as house:
        await house.deliver()
    assert copy.requests[0].body == b'{"crm_id":"B-1"}'


async def test_cancelling_a_lead_sends_nothing_more_and_waits_for_what_is_out(
    autojump_clock: MockClock,
) -> None:
    """Behaviour 8: `on_disconnect: cancel` cancels what has not been sent."""
    buyers = {"a": Buyer(answers(body=REJECTED, after=2)), "b": Buyer(answers(body=ACCEPTED))}
    catalog = a_catalog(*map(a_destination, "ab"), step=waterfall(*"ab"))
    async with a_house(catalog, buyers) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        await trio.sleep(1)
        await house.intake.cancel(LEAD_ID, "asked")
        settled = await house.settled(LEAD_ID)
        outcomes = house.outcomes()
    assert outcomes["a"].kind is Kind.HARD_REJECT
    assert outcomes["b"].code is ReasonCode.CANCELLED
    assert buyers["b"].requests == []
    assert settled.result is Result.FAILURE
    assert settled.reason == "a: Duplicate lead; b: cancelled before it was sent"


async def test_cancelling_ends_a_pause_between_two_attempts(autojump_clock: MockClock) -> None:
    buyer = Buyer(refuses)
    retry = Backoff(attempts=5, first_delay=5)
    async with a_house(a_catalog(a_destination("a", retry=retry)), {"a": buyer}) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        await trio.sleep(1)
        await house.intake.cancel(LEAD_ID, "asked")
        await house.settled(LEAD_ID)
    assert len(buyer.requests) == 1
    assert trio.current_time() < 2


async def test_no_sensitive_value_is_recorded_wherever_the_lead_has_it(autojump_clock: MockClock) -> None:
    """Behaviour 9: also where an adapter forgot to mask, and in nested answers."""
    rules = (Rule(to="ssn", value="{{ssn}}"), Rule(to="routing", value="{{bank_account_number}}"))
    catalog = a_catalog(a_destination("a", rules=rules))
    lead = replace(
        a_lead(email="a@example.com", ssn="078-05-1120"),
        nested={"bank_account_number": {"first": "GB33BUKB2020", "more": [12345678, True]}},
    )
    echo = answers(body={"result": "rejected", "reason": "no 078051120", "account": 12345678})
    async with a_house(catalog, {"a": Buyer(echo)}) as house:
        await house.deliver(lead)
        facts = [fact for fact in house.facts() if not isinstance(fact, LeadReceived)]
    (started,) = [fact for fact in facts if isinstance(fact, AttemptStarted)]
    assert started.request is not None
    assert "***" in started.request.body
    recorded = repr(facts)
    for value in ("078-05-1120", "078051120", "GB33BUKB2020", "12345678"):
        assert value not in recorded


async def test_a_step_that_is_not_taken_tells_no_sensitive_value_of_another_field(
    autojump_clock: MockClock,
) -> None:
    """Behaviour 9: such numbers stand in comments too, of which the beginning is shown."""
    passes = compile_condition('comments == "never"')
    tree = Sequence(steps=(Step(kind=Filter(passes=passes)), to("a")))
    comments = "you have my number already, it is 078-05-1120"
    async with a_house(a_catalog(a_destination("a"), step=Step(kind=tree)), {"a": Buyer(hangs)}) as house:
        await house.deliver(a_lead(comments=comments, ssn="078-05-1120"))
        told = repr([fact for fact in house.facts() if not isinstance(fact, LeadReceived)])
    assert "you have my number already, it is ***…" in told
    assert "078" not in told


async def test_what_people_say_when_they_cancel_is_recorded_without_sensitive_values(
    autojump_clock: MockClock,
) -> None:
    async with a_house(a_catalog(a_destination("a")), {"a": Buyer(hangs)}) as house:
        await house.intake.receive(a_lead(ssn="078-05-1120"), "", house.catalog)
        await trio.sleep(0.1)
        await house.intake.cancel(LEAD_ID, "wrong number, 078051120 is of somebody else")
        await house.settled(LEAD_ID)
        (cancelled,) = [fact for fact in house.facts() if isinstance(fact, LeadCancelled)]
    assert cancelled.reason == "wrong number, *** is of somebody else"
