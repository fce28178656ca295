"""Limits at work in the engine: what goes out, what waits and what is told why it did not (behaviour 7)."""

from dataclasses import replace

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from fakes import Act, Buyer, answers, breaks, hangs, never_connects, refuses
from house import a_house
from leadrelay.core.condition import compile_condition
from leadrelay.core.destination import Timeouts, WhenUnknown
from leadrelay.core.facts import AttemptStarted, DeliveryParked
from leadrelay.core.limits import Limits
from leadrelay.core.limits.adaptive import AdaptiveRule
from leadrelay.core.limits.breaker import BreakerRule
from leadrelay.core.limits.full import WhenFull
from leadrelay.core.limits.periods import PeriodKind
from leadrelay.core.limits.rate import Rate
from leadrelay.core.outcome import Kind, ReasonCode, Result
from leadrelay.core.pricing import PriceRule
from leadrelay.core.retry import Backoff
from leadrelay.core.template import compile_template
from runtime.limited import by_code, cap, capped, deliver, lead_id, open_from, outcomes
from values import ACCEPTED, REJECTED, a_catalog, a_destination, a_lead, waterfall

SELLS: Act = answers(body=ACCEPTED, after=0.1)
DECLINES: Act = answers(body=REJECTED, after=0.1)
MINUTE, HOUR = 60, 3600


# Rate


async def test_a_rate_is_kept_to_the_lead(autojump_clock: MockClock) -> None:
    buyer = Buyer(answers(body=ACCEPTED))
    limits = Limits(rate=Rate(per_second=2, burst=3))
    async with a_house(a_catalog(a_destination("buyer", limits=limits)), {"buyer": buyer}) as house:
        await deliver(house, range(11))
    assert buyer.called_at == pytest.approx([0, 0, 0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4], abs=0.01)


async def test_retries_take_their_turn_of_the_rate_too(autojump_clock: MockClock) -> None:
    buyer = Buyer(answers(503), answers(body=ACCEPTED))
    limits = Limits(rate=Rate(per_second=0.25))
    retry = Backoff(attempts=2, first_delay=1)
    destination = a_destination("buyer", limits=limits, retry=retry)
    async with a_house(a_catalog(destination), {"buyer": buyer}) as house:
        await deliver(house, [1])
    assert buyer.called_at == pytest.approx([0, 4], abs=0.01)


async def test_a_turn_that_does_not_come_in_time_certainly_sent_nothing(autojump_clock: MockClock) -> None:
    limits = Limits(rate=Rate(per_second=0.1))
    destination = a_destination("buyer", limits=limits, timeouts=Timeouts(total=15))
    buyer = Buyer(answers(body=ACCEPTED))
    async with a_house(a_catalog(destination), {"buyer": buyer}) as house:
        await deliver(house, range(3), apart=0.1)
        late = outcomes(house, [2])[0]
    assert len(buyer.requests) == 2
    assert (late.kind, late.code, late.arrived) == (Kind.TIMEOUT, ReasonCode.TIMEOUT_TOTAL, "no")


async def test_retry_after_and_a_rate_hold_together(autojump_clock: MockClock) -> None:
    buyer = Buyer(answers(429, Retry_After="6"), answers(body=ACCEPTED))
    limits = Limits(rate=Rate(per_second=1))
    retry = Backoff(attempts=2, first_delay=1)
    destination = a_destination("buyer", limits=limits, retry=retry)
    async with a_house(a_catalog(destination), {"buyer": buyer}) as house:
        await deliver(house, range(4), apart=0.1)
    assert buyer.called_at == pytest.approx([0, 6, 7, 8, 9], abs=0.01)


# Caps


async def test_a_cap_is_never_oversold_however_many_come_at_once(autojump_clock: MockClock) -> None:
    destination = a_destination("buyer", limits=capped(cap(7)))
    async with a_house(a_catalog(destination), {"buyer": Buyer(SELLS)}) as house:
        await deliver(house, range(40))
        found = outcomes(house, range(40))
    assert by_code(found) == {"success": 7, "cap_full": 33}
    assert {outcome.kind for outcome in found} == {Kind.SUCCESS, Kind.SKIPPED}


async def test_a_lead_that_finds_it_full_is_told_which_and_goes_to_the_next(
    autojump_clock: MockClock,
) -> None:
    first = a_destination("buyer", limits=capped(cap(1, name="tx")))
    catalog = a_catalog(first, a_destination("other"), step=waterfall("buyer", "other"))
    async with a_house(catalog, {"buyer": Buyer(SELLS), "other": Buyer(SELLS)}) as house:
        await deliver(house, [1])
        await deliver(house, [2])
        told, facts = house.outcomes(lead_id(2)), house.facts(lead_id(2))
    assert told["buyer"].words == "daily cap 'tx' full: 1 of 1, opens 2025-11-25T00:00+00:00"
    assert told["other"].accepted
    assert [fact.delivery for fact in facts if isinstance(fact, AttemptStarted)] == ["other"]


async def test_a_rejection_gives_the_place_to_the_next(autojump_clock: MockClock) -> None:
    destination = a_destination("buyer", limits=capped(cap(2)))
    buyer = Buyer(DECLINES, DECLINES, DECLINES, SELLS)
    async with a_house(a_catalog(destination), {"buyer": buyer}) as house:
        for number in range(6):
            await deliver(house, [number])
        found = by_code(outcomes(house, range(6)))
    assert found["success"] == 2
    assert found["cap_full"] == 1


async def test_what_may_have_arrived_keeps_its_place(autojump_clock: MockClock) -> None:
    destination = a_destination("buyer", limits=capped(cap(1)), when_unknown=WhenUnknown.CONTINUE)
    async with a_house(a_catalog(destination), {"buyer": Buyer(breaks, SELLS)}) as house:
        await deliver(house, [1])
        await deliver(house, [2])
        second = outcomes(house, [2])[0]
    assert second.words.startswith("daily cap full: 1 of 1 (1 under way)")


async def test_an_unknown_that_is_sent_again_has_one_place(autojump_clock: MockClock) -> None:
    retry = Backoff(attempts=3, first_delay=1)
    destination = a_destination("buyer", limits=capped(cap(1)), retry=retry, when_unknown=WhenUnknown.RESEND)
    async with a_house(a_catalog(destination), {"buyer": Buyer(breaks, breaks, SELLS)}) as house:
        await deliver(house, [1])
        await deliver(house, [2])
        first, second = outcomes(house, [1, 2])
    assert first.accepted
    assert second.words.startswith("daily cap full: 1 of 1, ")


async def test_a_retry_that_finds_it_full_ends_with_what_the_recipient_said(
    autojump_clock: MockClock,
) -> None:
    retry = Backoff(attempts=3, first_delay=5)
    destination = a_destination("buyer", limits=capped(cap(1)), retry=retry)
    async with a_house(a_catalog(destination), {"buyer": Buyer(answers(503), SELLS)}) as house:
        await deliver(house, [1, 2], apart=1)
        first = outcomes(house, [1])[0]
    assert first.kind is Kind.SOFT_REJECT
    assert "; not tried again: daily cap full: 1 of 1" in first.words
    assert first.next_attempt_at is None


async def test_a_lead_that_is_cancelled_in_the_queue_holds_no_place(autojump_clock: MockClock) -> None:
    destination = a_destination("buyer", limits=capped(cap(2)), concurrency=1)
    async with a_house(a_catalog(destination), {"buyer": Buyer(DECLINES, SELLS)}) as house:
        async with trio.open_nursery() as leads:
            leads.start_soon(deliver, house, [1])
            await trio.sleep(0.05)
            leads.start_soon(deliver, house, [2])
            await trio.sleep(0.01)
            assert await house.intake.cancel(lead_id(2), "test")
        await deliver(house, [3, 4, 5])
        found = outcomes(house, range(1, 6))
    assert found[1].code is ReasonCode.CANCELLED
    assert by_code(found[2:]) == {"success": 2, "cap_full": 1}


async def test_a_cap_counts_only_leads_for_which_its_condition_holds(autojump_clock: MockClock) -> None:
    limits = capped(cap(1, name="tx", when='state == "TX"'))
    async with a_house(a_catalog(a_destination("buyer", limits=limits)), {"buyer": Buyer(SELLS)}) as house:
        await deliver(house, range(3), state="TX")
        await deliver(house, range(3, 6), state="CA")
        found = outcomes(house, range(6))
    assert by_code(found[:3]) == {"success": 1, "cap_full": 2}
    assert by_code(found[3:]) == {"success": 3}


async def test_money_is_never_overspent(autojump_clock: MockClock) -> None:
    """ACCEPTED costs 12.50."""
    limits = capped(cap(None, money="100", per_lead="12.50"))
    async with a_house(a_catalog(a_destination("buyer", limits=limits)), {"buyer": Buyer(SELLS)}) as house:
        await deliver(house, range(30))
        found = outcomes(house, range(30))
    assert by_code(found) == {"success": 8, "cap_full": 22}
    assert "full: 100.00 of 100 USD (8 under way)" in found[-1].words


async def test_where_prices_are_unknown_leads_wait_for_the_first_to_be_told(
    autojump_clock: MockClock,
) -> None:
    limits = capped(cap(None, money="100"))
    buyer = Buyer(SELLS)
    async with a_house(a_catalog(a_destination("buyer", limits=limits)), {"buyer": buyer}) as house:
        await deliver(house, range(30))
        found = outcomes(house, range(30))
    assert by_code(found) == {"success": 8, "cap_full": 22}
    assert buyer.called_at[1] >= 0.1


async def test_a_new_period_opens_it(autojump_clock: MockClock) -> None:
    destination = a_destination("buyer", limits=capped(cap(3, PeriodKind.MINUTE)))
    async with a_house(a_catalog(destination), {"buyer": Buyer(SELLS)}) as house:
        await deliver(house, range(20), apart=10)
        found = outcomes(house, range(20))
    assert by_code(found) == {"success": 3 * 3 + 2, "cap_full": 3 * 3}


# Schedule


async def test_a_closed_recipient_is_skipped_and_says_when_it_opens(autojump_clock: MockClock) -> None:
    destination = a_destination("buyer", limits=open_from(17))
    buyer = Buyer(SELLS)
    async with a_house(a_catalog(destination), {"buyer": buyer}) as house:
        settled = await house.deliver()
        outcome = house.outcomes()["buyer"]
        await trio.sleep(HOUR)
        await deliver(house, [2])
    assert (outcome.kind, outcome.code) == (Kind.SKIPPED, ReasonCode.CLOSED)
    assert outcome.words == "closed, opens 2025-11-24T17:00+00:00"
    assert (settled.result, settled.reason) == (Result.FAILURE, f"buyer: {outcome.words}")
    assert len(buyer.requests) == 1


async def test_a_lead_whose_slot_comes_after_closing_time_does_not_go(autojump_clock: MockClock) -> None:
    limits = open_from(0, until=17)
    destination = a_destination(
        "buyer", limits=limits, concurrency=1, timeouts=Timeouts(response=60, total=90)
    )
    buyer = Buyer(answers(body=ACCEPTED, after=30))
    async with a_house(a_catalog(destination), {"buyer": buyer}) as house:
        await trio.sleep(HOUR - 10)
        await deliver(house, [1, 2], apart=1)
        second = outcomes(house, [2])[0]
    assert second.code is ReasonCode.CLOSED
    assert len(buyer.requests) == 1


# Breaker

BREAKER = Limits(breaker=BreakerRule(failure_share=0.5, minimum=4, window=60, open_for=30))


async def test_a_recipient_that_fails_is_left_alone(autojump_clock: MockClock) -> None:
    buyer = Buyer(refuses)
    async with a_house(a_catalog(a_destination("buyer", limits=BREAKER)), {"buyer": buyer}) as house:
        await deliver(house, range(10), apart=1)
        found = outcomes(house, range(10))
    assert len(buyer.requests) == 4
    assert by_code(found) == {"connect": 4, "breaker_open": 6}
    assert found[4].kind is Kind.SKIPPED
    assert found[4].words == (
        "breaker open since 2025-11-24T16:00:03Z: 4 of 4 attempts failed within 60 s; "
        "tries one lead at 2025-11-24T16:00:33Z"
    )


async def test_exactly_one_lead_finds_out_whether_it_is_back(autojump_clock: MockClock) -> None:
    buyer = Buyer(refuses, refuses, refuses, refuses, answers(body=ACCEPTED, after=5))
    async with a_house(a_catalog(a_destination("buyer", limits=BREAKER)), {"buyer": buyer}) as house:
        await deliver(house, range(4))
        await trio.sleep(30)
        await deliver(house, range(10, 60))
        assert len(buyer.requests) == 5
        assert by_code(outcomes(house, range(10, 60))) == {"success": 1, "breaker_open": 49}
        await deliver(house, range(60, 70))  # it is
        assert len(buyer.requests) == 15


async def test_it_stays_open_for_as_long_again_when_the_one_fails(autojump_clock: MockClock) -> None:
    buyer = Buyer(refuses)
    async with a_house(a_catalog(a_destination("buyer", limits=BREAKER)), {"buyer": buyer}) as house:
        await deliver(house, range(4))
        await deliver(house, range(10, 75), apart=1)
    assert buyer.called_at[4:] == pytest.approx([30, 60], abs=1.5)


async def test_one_that_is_cancelled_leaves_the_finding_out_to_the_next(autojump_clock: MockClock) -> None:
    buyer = Buyer(refuses, refuses, refuses, refuses, never_connects, SELLS)
    async with a_house(a_catalog(a_destination("buyer", limits=BREAKER)), {"buyer": buyer}) as house:
        await deliver(house, range(4))
        await trio.sleep(30)
        async with trio.open_nursery() as leads:
            leads.start_soon(deliver, house, [5])
            await trio.sleep(1)
            await deliver(house, [6])
            await house.intake.cancel(lead_id(5), "test")
        await deliver(house, [7])
        probe, meanwhile, next_one = outcomes(house, [5, 6, 7])
    assert probe.code is ReasonCode.CANCELLED
    assert meanwhile.words.endswith("; one lead is finding out")
    assert next_one.accepted


async def test_rejections_never_open_it(autojump_clock: MockClock) -> None:
    buyer = Buyer(DECLINES)
    async with a_house(a_catalog(a_destination("buyer", limits=BREAKER)), {"buyer": buyer}) as house:
        await deliver(house, range(50))
    assert len(buyer.requests) == 50


# Adaptive concurrency


async def test_as_many_go_at_once_as_the_recipient_turns_out_to_take(autojump_clock: MockClock) -> None:
    takes = trio.CapacityLimiter(12)

    async def queues_up(request: object, progress: object) -> object:
        progress.sending()  # type: ignore[attr-defined]
        async with takes:
            return await answers(body=ACCEPTED, after=0.1)(request, progress)  # type: ignore[arg-type]

    limits = Limits(adaptive=AdaptiveRule(minimum=2, maximum=100))
    destination = a_destination("buyer", limits=limits, timeouts=Timeouts(total=1000))
    buyer = Buyer(queues_up)  # type: ignore[arg-type]
    async with a_house(a_catalog(destination), {"buyer": buyer}, max_leads=3000) as house:
        await deliver(house, range(3000))
    assert 12 <= buyer.most_at_once <= 18
    assert trio.current_time() < 3000 * 0.1 / 12 * 1.2


# What happens when it is full


async def test_may_wait_for_a_place_that_comes_free(autojump_clock: MockClock) -> None:
    limits = capped(cap(2), when_full=WhenFull.WAIT)
    buyer = Buyer(DECLINES, DECLINES, DECLINES, SELLS)
    async with a_house(a_catalog(a_destination("buyer", limits=limits)), {"buyer": buyer}) as house:
        await deliver(house, range(8))
        found = outcomes(house, range(8))
    assert by_code(found)["success"] == 2
    assert by_code(found)["cap_full"] == 3
    assert trio.current_time() < 1


async def test_a_place_that_comes_free_goes_to_who_has_waited_longest(autojump_clock: MockClock) -> None:
    limits = capped(cap(1), when_full=WhenFull.WAIT)
    buyer = Buyer(answers(body=REJECTED, after=1))
    async with a_house(a_catalog(a_destination("buyer", limits=limits)), {"buyer": buyer}) as house:
        await deliver(house, range(10), apart=0.01)
        began = [entry for number in range(10) for entry in house.journal.entries[lead_id(number)]]
    starts = [entry for entry in began if isinstance(entry.fact, AttemptStarted)]
    assert [entry.at for entry in starts] == sorted(entry.at for entry in starts)
    assert buyer.called_at == pytest.approx(range(10), abs=0.2)


async def test_a_lead_that_may_have_been_sold_keeps_its_place_though_it_is_turned_away_when_sent_again(
    autojump_clock: MockClock,
) -> None:
    """Nothing was heard of the first try, and "503" says nothing of it: it may have been a sale."""
    destination = replace(
        a_destination("buyer", limits=capped(cap(1)), retry=Backoff(attempts=2)),
        when_unknown=WhenUnknown.RESEND,
    )
    async with a_house(a_catalog(destination), {"buyer": Buyer(breaks, answers(503), SELLS)}) as house:
        await deliver(house, [1])
        assert house.outcomes(lead_id(1))["buyer"].is_unresolved
        await deliver(house, [2])
        assert by_code(outcomes(house, [2])) == {"cap_full": 1}


async def test_may_wait_for_the_next_period_in_order_of_arrival(autojump_clock: MockClock) -> None:
    limits = capped(cap(2, PeriodKind.MINUTE), when_full=WhenFull.WAIT)
    destination = a_destination("buyer", limits=limits, timeouts=Timeouts(total=200))
    buyer = Buyer(SELLS)
    async with a_house(a_catalog(destination), {"buyer": buyer}) as house:
        await deliver(house, range(6))
    assert buyer.called_at == pytest.approx([0, 0, 60, 60, 120, 120], abs=0.2)


async def test_does_not_wait_in_vain(autojump_clock: MockClock) -> None:
    """A day's cap that is sold out opens tomorrow, and `total` is over in half a minute."""
    limits = capped(cap(1), when_full=WhenFull.WAIT)
    async with a_house(a_catalog(a_destination("buyer", limits=limits)), {"buyer": Buyer(SELLS)}) as house:
        await deliver(house, [1])
        before = trio.current_time()
        await deliver(house, [2])
        second = outcomes(house, [2])[0]
    assert (second.kind, second.code) == (Kind.SKIPPED, ReasonCode.CAP_FULL)
    assert trio.current_time() - before < 0.1


async def test_a_wait_ends_with_total_and_says_what_was_waited_for(autojump_clock: MockClock) -> None:
    limits = capped(cap(1), when_full=WhenFull.WAIT)
    destination = a_destination("buyer", limits=limits, timeouts=Timeouts(response=100, total=10))
    async with a_house(a_catalog(destination), {"buyer": Buyer(hangs)}) as house:
        await deliver(house, [1, 2], apart=1)
        second = outcomes(house, [2])[0]
    assert (second.kind, second.code) == (Kind.SKIPPED, ReasonCode.CAP_FULL)
    assert "1 of 1 (1 under way)" in second.words
    assert trio.current_time() == pytest.approx(11, abs=0.1)


async def test_a_lead_that_is_cancelled_while_it_waits_is_not_sent(autojump_clock: MockClock) -> None:
    limits = capped(cap(1), when_full=WhenFull.WAIT)
    async with a_house(
        a_catalog(a_destination("buyer", limits=limits)), {"buyer": Buyer(answers(after=5))}
    ) as house:
        async with trio.open_nursery() as leads:
            leads.start_soon(deliver, house, [1])
            await trio.sleep(1)
            leads.start_soon(deliver, house, [2])
            await trio.sleep(1)
            await house.intake.cancel(lead_id(2), "test")
        assert outcomes(house, [2])[0].code is ReasonCode.CANCELLED


async def test_may_wait_until_it_opens(autojump_clock: MockClock) -> None:
    destination = a_destination("buyer", limits=open_from(17, when_full=WhenFull.WAIT))
    buyer = Buyer(SELLS)
    async with a_house(a_catalog(destination), {"buyer": buyer}) as house:
        await deliver(house, [1])
        assert outcomes(house, [1])[0].code is ReasonCode.CLOSED  # an hour is too long
        await trio.sleep(HOUR - 20)
        await deliver(house, [2])
    assert buyer.called_at == pytest.approx([HOUR], abs=0.1)


async def test_may_wait_for_what_the_one_finds_out(autojump_clock: MockClock) -> None:
    limits = Limits(breaker=BREAKER.breaker, when_full=WhenFull.WAIT)
    destination = a_destination("buyer", limits=limits, timeouts=Timeouts(total=60))
    buyer = Buyer(refuses, refuses, refuses, refuses, answers(body=ACCEPTED, after=5))
    async with a_house(a_catalog(destination), {"buyer": buyer}) as house:
        await deliver(house, range(4))
        await deliver(house, range(10, 15))
        assert by_code(outcomes(house, range(10, 15))) == {"success": 5}
    assert buyer.called_at[4:] == pytest.approx([30, 35, 35, 35, 35], abs=0.2)


async def test_may_be_parked_until_it_opens(autojump_clock: MockClock) -> None:
    destination = a_destination("buyer", limits=open_from(20, when_full=WhenFull.PARK))
    buyer = Buyer(SELLS)
    async with a_house(a_catalog(destination), {"buyer": buyer}) as house:
        await house.intake.receive(a_lead(), "", house.catalog)
        await wait_all_tasks_blocked()
        parked = [fact for fact in house.facts() if isinstance(fact, DeliveryParked)]
        assert [fact.reason for fact in parked] == ["closed, opens 2025-11-24T20:00+00:00"]
        assert house.intake.ledger.under_way == 0
        await house.settled(a_lead().id)
    assert buyer.called_at == pytest.approx([4 * HOUR], abs=1)


async def test_parked_leads_take_the_places_of_the_days_to_come(autojump_clock: MockClock) -> None:
    limits = capped(cap(2), when_full=WhenFull.PARK)
    buyer = Buyer(SELLS)
    async with a_house(a_catalog(a_destination("buyer", limits=limits)), {"buyer": buyer}) as house:
        await deliver(house, range(6))
    tomorrow = 8 * HOUR
    assert buyer.called_at == pytest.approx([0, 0, tomorrow, tomorrow, *[tomorrow + 24 * HOUR] * 2], abs=1)


async def test_a_wait_too_short_to_be_parked_ends_with_a_place_that_comes_free(
    autojump_clock: MockClock,
) -> None:
    limits = capped(cap(1, PeriodKind.MINUTE), when_full=WhenFull.PARK)
    buyer = Buyer(answers(body=REJECTED, after=2), SELLS)
    async with a_house(a_catalog(a_destination("buyer", limits=limits)), {"buyer": buyer}) as house:
        await trio.sleep(40)
        await deliver(house, range(2))
    assert buyer.called_at == pytest.approx([40, 42], abs=0.1)


async def test_where_nobody_can_say_when_it_opens_a_lead_is_not_parked(autojump_clock: MockClock) -> None:
    limits = open_from(8, when_full=WhenFull.PARK)
    assert limits.schedule is not None
    never = Limits(
        schedule=type(limits.schedule)(zone=limits.schedule.zone, week={}), when_full=WhenFull.PARK
    )
    async with a_house(a_catalog(a_destination("buyer", limits=never)), {"buyer": Buyer(SELLS)}) as house:
        await deliver(house, [1])
        assert outcomes(house, [1])[0].words == "closed, and no opening hours follow"


async def test_what_the_catalog_says_that_a_lead_costs_is_set_aside(autojump_clock: MockClock) -> None:
    prices = (
        PriceRule(amount=compile_template("30"), currency="USD", when=compile_condition('state == "TX"')),
        PriceRule(amount=compile_template("10"), currency="USD"),
    )
    destination = replace(a_destination("buyer", limits=capped(cap(None, money="100"))), prices=prices)
    buyer = Buyer(answers(body={"result": "accepted"}, after=1))
    async with a_house(a_catalog(destination), {"buyer": buyer}) as house:
        async with trio.open_nursery() as leads:
            leads.start_soon(lambda: deliver(house, range(10), state="TX"))
            await trio.sleep(0.5)
            leads.start_soon(lambda: deliver(house, range(10, 20), state="CA"))
        found = outcomes(house, range(20))
    assert by_code(found[:10]) == {"success": 3, "cap_full": 7}
    assert by_code(found[10:]) == {"success": 1, "cap_full": 9}


@pytest.mark.parametrize(("now", "sold"), [(1, 1), (7, 7)], ids=["lowered", "raised"])
async def test_a_changed_maximum_holds_for_leads_of_an_older_catalog_too(
    now: int, sold: int, autojump_clock: MockClock
) -> None:
    before = a_catalog(a_destination("buyer", limits=capped(cap(4))))
    async with a_house(before, {"buyer": Buyer(SELLS)}) as house:
        house.catalogs.current = a_catalog(a_destination("buyer", limits=capped(cap(now))))
        await deliver(house, range(10))  # accepted under the old one
        assert by_code(outcomes(house, range(10)))["success"] == sold


async def test_a_destination_that_is_gone_keeps_its_caps(autojump_clock: MockClock) -> None:
    before = a_catalog(a_destination("buyer", limits=capped(cap(4))))
    async with a_house(before, {"buyer": Buyer(SELLS)}) as house:
        house.catalogs.current = a_catalog(a_destination("other"))
        await deliver(house, range(10))
        assert by_code(outcomes(house, range(10))) == {"success": 4, "cap_full": 6}
