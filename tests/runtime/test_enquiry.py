"""After an attempt that may have arrived the recipient is asked, and its word decides (behaviour 4.5)."""

from dataclasses import replace

import pytest
import trio
from trio.testing import MockClock

from fakes import Act, Buyer, MemoryJournal, Tokens, answers, breaks, hangs, never_connects, refuses
from house import House, a_house
from leadrelay.core.batch import Batch, Listing
from leadrelay.core.catalog import Catalog
from leadrelay.core.destination import WhenUnknown
from leadrelay.core.facts import DeliveryAsked, DeliveryParked, LeadSettled
from leadrelay.core.outcome import Arrived, Kind, ReasonCode, Result
from leadrelay.core.retry import Backoff
from values import (
    ACCEPTED,
    LEAD_ID,
    REJECTED,
    a_catalog,
    a_destination,
    a_lead,
    a_status_request,
    waterfall,
)

UNKNOWN_THERE = answers(404)


def a_waterfall(*, attempts: int = 1, asks: Backoff | None = None) -> Catalog:
    """To `a`, who is asked where that is needed, then to `b`."""
    ask = a_status_request() if asks is None else a_status_request(asks)
    retry = Backoff(attempts=attempts)
    first = a_destination("a", when_unknown=WhenUnknown.ASK, ask=ask, retry=retry)
    return a_catalog(first, a_destination("b"), step=waterfall("a", "b"))


def the_buyers(*status: Act, a: tuple[Act, ...] = (breaks,)) -> dict[str, Buyer]:
    """`a` acts as told, `a?` is asked for the status, and `b` accepts."""
    return {"a": Buyer(*a), "a?": Buyer(*status), "b": Buyer(answers(body=ACCEPTED))}


def asked(house: House) -> list[DeliveryAsked]:
    return [fact for fact in house.facts() if isinstance(fact, DeliveryAsked)]


async def test_a_yes_sells_the_lead_once(autojump_clock: MockClock) -> None:
    buyers = the_buyers(answers(body=ACCEPTED))
    async with a_house(a_waterfall(), buyers) as house:
        settled = await house.deliver()
        (fact,) = asked(house)
    assert settled.reason == "accepted by a"
    assert len(buyers["a"].requests) == 1
    assert buyers["b"].requests == []
    assert buyers["a?"].called_at == pytest.approx([2], abs=0.1)
    assert fact.request is not None
    assert fact.reply is not None
    assert fact.outcome.accepted


async def test_a_no_moves_on(autojump_clock: MockClock) -> None:
    buyers = the_buyers(answers(body=REJECTED))
    async with a_house(a_waterfall(), buyers) as house:
        assert (await house.deliver()).reason == "accepted by b"
        assert house.outcomes()["a"].kind is Kind.HARD_REJECT


async def test_what_never_arrived_is_sent_again_under_the_same_key(autojump_clock: MockClock) -> None:
    buyers = the_buyers(UNKNOWN_THERE, a=(breaks, answers(body=ACCEPTED)))
    async with a_house(a_waterfall(attempts=2), buyers) as house:
        assert (await house.deliver()).reason == "accepted by a"
    assert len(buyers["a"].requests) == 2
    assert len(set(buyers["a"].keys)) == 1


async def test_what_never_arrived_moves_on_where_no_attempt_is_left(autojump_clock: MockClock) -> None:
    buyers = the_buyers(UNKNOWN_THERE)
    async with a_house(a_waterfall(), buyers) as house:
        assert (await house.deliver()).reason == "accepted by b"
        outcome = house.outcomes()["a"]
    assert (outcome.code, outcome.arrived) == (ReasonCode.RESET, Arrived.NO)


@pytest.mark.parametrize("act", [answers(503), answers(body={"result": "pending"}), breaks, refuses])
async def test_while_it_cannot_say_it_is_asked_again_and_then_the_lead_is_held(
    act: Act, autojump_clock: MockClock
) -> None:
    buyers = the_buyers(act)
    async with a_house(a_waterfall(), buyers) as house:
        settled = await house.deliver()
        numbers = [fact.number for fact in asked(house)]
    assert settled.result is Result.UNRESOLVED
    assert settled.waiting == ("b",)
    assert buyers["a?"].called_at == pytest.approx([2, 6, 14], abs=0.5)
    assert numbers == [1, 2, 3]


async def test_a_recipient_that_wants_to_be_asked_later_is(autojump_clock: MockClock) -> None:
    """Its Retry-After raises the pause before the next question, and only that one (behaviour 4.4)."""
    buyers = the_buyers(answers(429, Retry_After="7"), answers(503), answers(body=ACCEPTED))
    async with a_house(a_waterfall(), buyers) as house:
        assert (await house.deliver()).reason == "accepted by a"
    assert buyers["a?"].called_at == pytest.approx([2, 9, 17], abs=0.5)


async def test_a_late_yes_counts(autojump_clock: MockClock) -> None:
    buyers = the_buyers(answers(body={"result": "pending"}), answers(body=ACCEPTED))
    async with a_house(a_waterfall(), buyers) as house:
        assert (await house.deliver()).result is Result.SUCCESS


@pytest.mark.parametrize("act", [hangs, never_connects])
async def test_a_question_that_is_never_answered_ends(act: Act, autojump_clock: MockClock) -> None:
    buyers = the_buyers(act)
    async with a_house(a_waterfall(asks=Backoff(attempts=1, first_delay=1)), buyers) as house:
        settled = await house.deliver()
        (fact,) = asked(house)
    assert settled.result is Result.UNRESOLVED
    assert "no answer in time" in fact.outcome.words


async def test_a_recipient_that_answered_is_not_asked(autojump_clock: MockClock) -> None:
    buyers = the_buyers(answers(body=ACCEPTED), a=(answers(body=REJECTED),))
    async with a_house(a_waterfall(), buyers) as house:
        await house.deliver()
    assert buyers["a?"].requests == []


async def test_questions_hours_apart_are_parked_and_outlive_a_restart(autojump_clock: MockClock) -> None:
    catalog = a_waterfall(asks=Backoff(attempts=3, first_delay=3600, max_delay=3600))
    journal, before, after = MemoryJournal(), the_buyers(answers(503)), the_buyers(answers(body=ACCEPTED))
    async with a_house(catalog, before, journal=journal) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        await trio.sleep(4000)
        assert house.intake.ledger.under_way == 0
        assert any(isinstance(fact, DeliveryParked) for fact in house.facts())
    async with a_house(catalog, after, journal=journal) as house:
        assert (await house.settled(LEAD_ID)).reason == "accepted by a"
        numbers = [fact.number for fact in asked(house)]
    assert numbers == [1, 2]
    assert before["a?"].called_at == pytest.approx([3600], abs=1)
    assert after["a?"].called_at == pytest.approx([7200], abs=1)
    assert after["a"].requests == []


@pytest.mark.parametrize("cut", range(1, 8))
async def test_a_crash_at_any_moment_asks_and_never_sells_twice(cut: int, autojump_clock: MockClock) -> None:
    journal, before, after = MemoryJournal(), the_buyers(UNKNOWN_THERE), the_buyers(answers(body=ACCEPTED))
    async with a_house(a_waterfall(), before, journal=journal) as house:
        await house.deliver()
    rows = journal.entries[LEAD_ID]
    journal.entries[LEAD_ID] = rows[: min(cut, len(rows) - 1)]
    async with a_house(a_waterfall(), after, journal=journal) as house:
        await house.intake.resume()
        settled = await house.settled(LEAD_ID)
        facts = house.facts()
    assert isinstance(facts[-1], LeadSettled)
    assert settled.accepted <= 1


async def test_the_question_is_signed_and_says_which_attempt_it_means(autojump_clock: MockClock) -> None:
    buyers = the_buyers(answers(body=ACCEPTED))
    async with a_house(a_waterfall(), buyers, signers={"a": Tokens()}) as house:
        await house.deliver()
        (fact,) = asked(house)
    assert dict(buyers["a?"].requests[0].headers)["authorization"] == "Bearer 1"
    assert fact.request is not None
    assert dict(fact.request.headers)["authorization"] == "***"


async def test_a_token_that_has_expired_meanwhile_is_renewed_once(autojump_clock: MockClock) -> None:
    """As for a lead (behaviour 4.2); that it was refused is no answer to the question."""
    buyers = the_buyers(answers(401), answers(body=ACCEPTED))
    async with a_house(a_waterfall(), buyers, signers={"a": Tokens()}) as house:
        assert (await house.deliver()).reason == "accepted by a"
        (fact,) = asked(house)
    shown = [dict(request.headers)["authorization"] for request in buyers["a?"].requests]
    assert (shown, fact.outcome.kind) == (["Bearer 1", "Bearer 2"], Kind.SUCCESS)


async def test_where_leads_go_together_the_question_about_one_shows_its_proof(
    autojump_clock: MockClock,
) -> None:
    """A lead's own request in a batch has `***` in its place, because the batch is signed as a whole."""
    batch = Batch(most=2, linger=0, listing=Listing())
    alone = a_destination("a", when_unknown=WhenUnknown.ASK, ask=a_status_request())
    buyers = the_buyers(answers(body=ACCEPTED))
    catalog = a_catalog(replace(alone, batch=batch), a_destination("b"), step=waterfall("a", "b"))
    async with a_house(catalog, buyers, signers={"a": Tokens()}) as house:
        assert (await house.deliver()).reason == "accepted by a"
    assert dict(buyers["a?"].requests[0].headers)["authorization"] == "Bearer 1"
