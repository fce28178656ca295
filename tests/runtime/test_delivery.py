"""All tries of one lead at one destination: time, retry, and whether it arrived (behaviour 4.3–4.5)."""

from dataclasses import replace

import pytest
import trio
from trio.testing import MockClock

from fakes import Act, Broken, Buyer, Tokens, Waits, answers, breaks, hangs, never_connects, refuses
from house import a_house
from leadrelay.core.destination import Timeouts, WhenUnknown
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.facts import AttemptStarted
from leadrelay.core.mapping import Rule
from leadrelay.core.outcome import Arrived, Kind, ReasonCode, Result
from leadrelay.core.ports import Progress
from leadrelay.core.pricing import PriceRule
from leadrelay.core.retry import Backoff
from leadrelay.core.template import compile_template
from values import ACCEPTED, LEAD_ID, REJECTED, a_catalog, a_destination, a_lead

THRICE = Backoff(attempts=3, first_delay=1, factor=2)


async def test_an_accepted_lead_keeps_price_and_reference(autojump_clock: MockClock) -> None:
    async with a_house(a_catalog(a_destination("buyer")), {"buyer": Buyer(answers(body=ACCEPTED))}) as house:
        settled = await house.deliver()
        outcome = house.outcomes()["buyer"]
    assert settled.result is Result.SUCCESS
    assert (str(outcome.price), outcome.reference, outcome.arrived) == ("12.50", "B-1", Arrived.YES)


async def test_waits_longer_after_each_refused_connection(autojump_clock: MockClock) -> None:
    """Behaviour 4.4: errors that certainly did not arrive are retried."""
    buyer = Buyer(refuses, refuses, answers(body=ACCEPTED))
    async with a_house(a_catalog(a_destination("buyer", retry=THRICE)), {"buyer": buyer}) as house:
        await house.deliver()
        outcome = house.outcomes()["buyer"]
    assert outcome.accepted
    assert buyer.called_at == pytest.approx([0, 1, 3], abs=0.01)


async def test_every_attempt_of_a_delivery_carries_the_same_idempotency_key(
    autojump_clock: MockClock,
) -> None:
    buyer = Buyer(refuses, answers(503), answers(body=ACCEPTED))
    async with a_house(a_catalog(a_destination("buyer", retry=THRICE)), {"buyer": buyer}) as house:
        await house.deliver()
    assert len(buyer.keys) == 3
    assert len(set(buyer.keys)) == 1


async def test_stops_after_as_many_attempts_as_it_may(autojump_clock: MockClock) -> None:
    buyer = Buyer(refuses)
    async with a_house(a_catalog(a_destination("buyer", retry=THRICE)), {"buyer": buyer}) as house:
        settled = await house.deliver()
        outcome = house.outcomes()["buyer"]
    assert len(buyer.requests) == 3
    assert (outcome.kind, outcome.code) == (Kind.SYSTEM_ERROR, ReasonCode.CONNECT)
    assert outcome.next_attempt_at is None
    assert settled.result is Result.ERROR


async def test_a_hard_reject_is_never_retried(autojump_clock: MockClock) -> None:
    buyer = Buyer(answers(body=REJECTED))
    async with a_house(a_catalog(a_destination("buyer", retry=THRICE)), {"buyer": buyer}) as house:
        await house.deliver()
    assert len(buyer.requests) == 1


@pytest.mark.parametrize("act", [breaks, hangs])
async def test_a_lead_that_may_have_arrived_is_not_sent_again(act: object, autojump_clock: MockClock) -> None:
    """Behaviour 4.5: unknown is never resent by default, whatever the retry says."""
    buyer = Buyer(act)  # type: ignore[arg-type]
    retry = Backoff(attempts=3, on=frozenset({"timeout", "system_error"}))
    async with a_house(a_catalog(a_destination("buyer", retry=retry)), {"buyer": buyer}) as house:
        settled = await house.deliver()
        outcome = house.outcomes()["buyer"]
    assert len(buyer.requests) == 1
    assert outcome.arrived is Arrived.UNKNOWN
    assert settled.result is Result.UNRESOLVED


async def test_a_recipient_that_honours_our_key_is_sent_an_unknown_again(autojump_clock: MockClock) -> None:
    buyer = Buyer(breaks, answers(body=ACCEPTED))
    destination = a_destination("buyer", retry=THRICE, when_unknown=WhenUnknown.RESEND)
    async with a_house(a_catalog(destination), {"buyer": buyer}) as house:
        settled = await house.deliver()
    assert settled.result is Result.SUCCESS
    assert len(set(buyer.keys)) == 1


async def test_no_connection_in_time_certainly_did_not_arrive(autojump_clock: MockClock) -> None:
    times = Timeouts(connect=2, response=10, total=30)
    async with a_house(
        a_catalog(a_destination("buyer", timeouts=times)), {"buyer": Buyer(never_connects)}
    ) as house:
        await house.deliver()
        outcome, ended = house.outcomes()["buyer"], house.attempts()[0]
    assert (outcome.kind, outcome.code) == (Kind.TIMEOUT, ReasonCode.TIMEOUT_CONNECT)
    assert outcome.arrived is Arrived.NO
    assert ended.sent_at is None


async def test_the_response_time_counts_from_the_first_byte_out(autojump_clock: MockClock) -> None:
    times = Timeouts(connect=2, response=7, total=30)
    buyer = Buyer(hangs)
    async with a_house(a_catalog(a_destination("buyer", timeouts=times)), {"buyer": buyer}) as house:
        await house.deliver()
        outcome, ended = house.outcomes()["buyer"], house.attempts()[0]
    assert (outcome.kind, outcome.code) == (Kind.TIMEOUT, ReasonCode.TIMEOUT_RESPONSE)
    assert outcome.arrived is Arrived.UNKNOWN
    assert ended.took == pytest.approx(7e9, rel=0.01)


async def test_total_covers_queueing(autojump_clock: MockClock) -> None:
    """Behaviour 4.3: a lead that waits for a slot in vain certainly did not arrive."""
    times = Timeouts(connect=2, response=100, total=5)
    one_at_a_time = a_destination("buyer", timeouts=times, concurrency=1)
    other = a_lead(lead_id=LEAD_ID[:-1] + "2")
    async with a_house(a_catalog(one_at_a_time), {"buyer": Buyer(hangs)}) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        await house.deliver(other)
        waited, sent = house.outcomes(other.id)["buyer"], house.outcomes()["buyer"]
    assert (waited.code, waited.arrived) == (ReasonCode.TIMEOUT_TOTAL, Arrived.NO)
    assert (sent.code, sent.arrived) == (ReasonCode.TIMEOUT_TOTAL, Arrived.UNKNOWN)


async def test_a_pause_that_would_outlast_total_is_not_begun(autojump_clock: MockClock) -> None:
    times = Timeouts(total=5)
    retry = Backoff(attempts=9, first_delay=4, factor=2)
    buyer = Buyer(refuses)
    async with a_house(
        a_catalog(a_destination("buyer", timeouts=times, retry=retry)), {"buyer": buyer}
    ) as house:
        await house.deliver()
    assert buyer.called_at == pytest.approx([0, 4], abs=0.01)
    assert autojump_clock.current_time() < 4.1


async def test_retry_after_raises_the_pause_and_holds_the_whole_outlet(autojump_clock: MockClock) -> None:
    buyer = Buyer(answers(429, Retry_After="6"), answers(body=ACCEPTED))
    other = a_lead(lead_id=LEAD_ID[:-1] + "2")
    async with a_house(a_catalog(a_destination("buyer", retry=THRICE)), {"buyer": buyer}) as house:
        house.nursery.start_soon(house.deliver)
        async with house.journal.follow(LEAD_ID) as news:
            while not house.attempts():
                await news.next()
        await house.deliver(other)
        await house.settled(LEAD_ID)
    assert buyer.called_at == pytest.approx([0, 6, 6], abs=0.01)


async def test_the_next_attempt_is_announced_with_its_time(autojump_clock: MockClock) -> None:
    buyer = Buyer(answers(503), answers(body=ACCEPTED))
    async with a_house(a_catalog(a_destination("buyer", retry=THRICE)), {"buyer": buyer}) as house:
        await house.deliver()
        first, second = house.attempts()
    assert first.outcome.kind is Kind.SOFT_REJECT
    assert first.outcome.next_attempt_at is not None
    assert second.outcome.next_attempt_at is None


async def test_full_jitter_takes_its_share_of_the_delay(autojump_clock: MockClock) -> None:
    buyer = Buyer(refuses, answers(body=ACCEPTED))
    retry = Backoff(attempts=2, first_delay=8, jitter=True)
    async with a_house(
        a_catalog(a_destination("buyer", retry=retry)), {"buyer": buyer}, chance=0.25
    ) as house:
        await house.deliver()
    assert buyer.called_at == pytest.approx([0, 2], abs=0.01)


async def test_a_missing_required_field_is_an_outcome_and_nothing_is_sent(autojump_clock: MockClock) -> None:
    """Behaviour 3.3: system_error, mapping_required, naming every missing field."""
    rules = (
        Rule(to="phone", value="{{phone_1}}", required=True),
        Rule(to="zip", value="{{zip}}", required=True),
    )
    buyer = Buyer(answers(body=ACCEPTED))
    async with a_house(a_catalog(a_destination("buyer", rules=rules)), {"buyer": buyer}) as house:
        settled = await house.deliver()
        outcome = house.outcomes()["buyer"]
    assert (outcome.kind, outcome.code) == (Kind.SYSTEM_ERROR, ReasonCode.MAPPING_REQUIRED)
    assert "phone" in outcome.words
    assert "zip" in outcome.words
    assert buyer.requests == []
    assert settled.result is Result.ERROR


async def test_an_expired_token_is_renewed_once_and_not_counted_as_an_attempt(
    autojump_clock: MockClock,
) -> None:
    """Behaviour 4.2."""
    buyer = Buyer(answers(401), answers(body=ACCEPTED))
    async with a_house(
        a_catalog(a_destination("buyer")), {"buyer": buyer}, signers={"buyer": Tokens()}
    ) as house:
        settled = await house.deliver()
        attempts = house.attempts()
    assert settled.result is Result.SUCCESS
    assert len(attempts) == 1
    assert [dict(request.headers)["authorization"] for request in buyer.requests] == ["Bearer 1", "Bearer 2"]


async def test_a_second_refusal_of_a_fresh_token_is_the_answer(autojump_clock: MockClock) -> None:
    buyer = Buyer(answers(401))
    async with a_house(
        a_catalog(a_destination("buyer")), {"buyer": buyer}, signers={"buyer": Tokens()}
    ) as house:
        await house.deliver()
        outcome = house.outcomes()["buyer"]
    assert outcome.code is ReasonCode.UNAUTHORIZED
    assert len(buyer.requests) == 2


async def test_a_token_endpoint_that_is_down_is_retried_as_certainly_not_sent(
    autojump_clock: MockClock,
) -> None:
    buyer = Buyer(answers(body=ACCEPTED))
    async with a_house(
        a_catalog(a_destination("buyer", retry=THRICE)), {"buyer": buyer}, signers={"buyer": Broken()}
    ) as house:
        await house.deliver()
        outcome, attempts = house.outcomes()["buyer"], house.attempts()
    assert (outcome.kind, outcome.code) == (Kind.SYSTEM_ERROR, ReasonCode.AUTH)
    assert len(attempts) == 3
    assert buyer.requests == []


async def test_a_token_endpoint_that_never_answers_is_told_as_such(autojump_clock: MockClock) -> None:
    """Behaviour 4.2: system_error, code auth; the slot was free all the time."""
    times = Timeouts(total=6)
    async with a_house(
        a_catalog(a_destination("buyer", timeouts=times)),
        {"buyer": Buyer(answers(body=ACCEPTED))},
        signers={"buyer": Waits()},
    ) as house:
        await house.deliver()
        outcome = house.outcomes()["buyer"]
    assert (outcome.kind, outcome.code, outcome.arrived) == (
        Kind.SYSTEM_ERROR,
        ReasonCode.AUTH,
        Arrived.NO,
    )


async def test_the_record_of_a_request_has_its_proof_masked(autojump_clock: MockClock) -> None:
    async with a_house(
        a_catalog(a_destination("buyer")),
        {"buyer": Buyer(answers(body=ACCEPTED))},
        signers={"buyer": Tokens()},
    ) as house:
        await house.deliver()
        (started,) = [fact for fact in house.facts() if isinstance(fact, AttemptStarted)]
    assert started.request is not None
    assert dict(started.request.headers)["authorization"] == "***"


async def test_a_sensitive_value_that_the_recipient_echoes_is_not_recorded(autojump_clock: MockClock) -> None:
    echo = {"result": "rejected", "reason": "SSN 078-05-1120 is on file", "seen": "078-05-1120"}
    async with a_house(a_catalog(a_destination("buyer")), {"buyer": Buyer(answers(body=echo))}) as house:
        await house.deliver(a_lead(email="a@example.com", ssn="078-05-1120"))
        told = [fact for fact in house.facts() if not hasattr(fact, "lead")]
    assert "078-05-1120" not in repr(told)


async def test_a_defect_of_ours_costs_one_attempt_and_nothing_else(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    async def defect(_request: object, _progress: object) -> None:
        raise KeyError("078-05-1120")

    async with a_house(a_catalog(a_destination("buyer")), {"buyer": Buyer(defect)}) as house:  # type: ignore[arg-type]
        settled = await house.deliver()
        outcome = house.outcomes()["buyer"]
    assert (outcome.kind, outcome.code) == (Kind.SYSTEM_ERROR, ReasonCode.OTHER)
    assert settled.result is Result.ERROR
    assert "KeyError" in caplog.text
    assert "078-05-1120" not in caplog.text


def lingers(seconds: float, *, connects: bool) -> Act:
    """Takes so long to let go of its connection once it is told to."""

    async def act(_request: Request, progress: Progress) -> Reply:
        if connects:
            progress.sending()
        try:
            await trio.sleep_forever()
        finally:
            with trio.CancelScope(shield=True):
                await trio.sleep(seconds)
        raise AssertionError

    return act


@pytest.mark.parametrize("seconds", [0.0, 0.5])
@pytest.mark.parametrize(
    ("times", "connects", "code"),
    [
        (Timeouts(connect=2, response=10, total=30), False, ReasonCode.TIMEOUT_CONNECT),
        (Timeouts(connect=2, response=10, total=30), True, ReasonCode.TIMEOUT_RESPONSE),
        (Timeouts(connect=2, response=40, total=5), True, ReasonCode.TIMEOUT_TOTAL),
    ],
)
async def test_by_how_much_a_timeout_was_exceeded_is_measured_and_recorded(
    times: Timeouts, connects: bool, code: ReasonCode, seconds: float, autojump_clock: MockClock
) -> None:
    """Behaviour 4.3: the overrun is what letting go takes, and nothing beyond."""
    buyer = Buyer(lingers(seconds, connects=connects))
    async with a_house(a_catalog(a_destination("buyer", timeouts=times)), {"buyer": buyer}) as house:
        await house.deliver()
        (ended,) = house.attempts()
    limits = {ReasonCode.TIMEOUT_CONNECT: 2, ReasonCode.TIMEOUT_RESPONSE: 10, ReasonCode.TIMEOUT_TOTAL: 5}
    assert ended.outcome.code is code
    assert ended.overrun == pytest.approx(seconds * 1e9, abs=1e7)
    assert trio.current_time() == pytest.approx(limits[code] + seconds, abs=0.1)


async def test_an_attempt_that_no_timeout_ended_has_no_overrun(autojump_clock: MockClock) -> None:
    buyer = Buyer(answers(body=ACCEPTED, after=3))
    async with a_house(a_catalog(a_destination("buyer")), {"buyer": buyer}) as house:
        await house.deliver()
        (ended,) = house.attempts()
    assert ended.overrun == 0


async def test_a_sale_without_a_price_is_worth_what_the_catalog_says(autojump_clock: MockClock) -> None:
    """Behaviour 6; the reply's own price comes first, and only a success is worth anything."""
    rule = PriceRule(amount=compile_template("{{agreed}}"), currency="EUR")
    lead, silent = a_lead(agreed="7.50"), {"result": "accepted"}
    for body, price in ((silent, "7.50 EUR"), (ACCEPTED, "12.50 "), (REJECTED, "None ")):
        catalog = a_catalog(replace(a_destination("buyer"), prices=(rule,)))
        async with a_house(catalog, {"buyer": Buyer(answers(body=body))}) as house:
            settled = await house.deliver(lead)
            outcome = house.outcomes()["buyer"]
        assert f"{outcome.price} {outcome.currency}" == price
        assert len(settled.revenue) == (0 if body is REJECTED else 1)
