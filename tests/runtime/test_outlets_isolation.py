"""A slow or dead destination never delays another (behaviour 7): fifty of them, two in trouble."""

import pytest
import trio
from trio.testing import MockClock

from fakes import Act, Buyer, answers, hangs
from house import House, a_house
from leadrelay.core.destination import Timeouts
from leadrelay.core.facts import AttemptEnded, DeliveryEnded
from leadrelay.core.limits import Limits
from leadrelay.core.limits.breaker import BreakerRule
from leadrelay.core.retry import Backoff
from runtime.limited import lead_id
from values import ACCEPTED, a_catalog, a_destination, a_lead, to

DESTINATIONS = [f"buyer_{number:02}" for number in range(50)]
DEAD, BUSY, *HEALTHY = DESTINATIONS
WELL: Act = answers(body=ACCEPTED, after=0.2)
NOT_NOW: Act = answers(429, Retry_After="5")
ROUNDS, APART = 8, 0.1  # one lead to each destination, so many times, so many seconds apart


async def times(trouble: dict[str, Act], limits: Limits | None = None) -> dict[str, list[float]]:
    """For each healthy destination, the seconds from each lead's receipt to its outcome."""
    destinations = [
        a_destination(
            name,
            concurrency=4,
            limits=limits,
            retry=Backoff(attempts=3),
            timeouts=Timeouts(response=8, total=10),
        )
        for name in DESTINATIONS
    ]
    catalog = a_catalog(*destinations, **{name: to(name) for name in DESTINATIONS})
    buyers = {name: Buyer(trouble.get(name, WELL)) for name in DESTINATIONS}
    async with a_house(catalog, buyers, max_leads=10_000) as house:
        number = 0
        for _ in range(ROUNDS):
            for name in DESTINATIONS:
                number += 1
                lead = a_lead(lead_id=lead_id(number), flow=name)
                await house.intake.receive(lead, "", catalog)
            await trio.sleep(APART)
        await trio.sleep(60)  # longer than any of them has
        assert house.intake.ledger.under_way == 0
        return {name: took(house, name) for name in HEALTHY}


def took(house: House, name: str) -> list[float]:
    found = []
    for entries in house.journal.entries.values():
        for entry in entries:
            if isinstance(entry.fact, DeliveryEnded) and entry.fact.destination == name:
                found.append((entry.at - entries[0].at) / 1e9)
    return found


@pytest.mark.parametrize("limits", [None, Limits(breaker=BreakerRule(minimum=5))], ids=["plain", "limited"])
async def test_the_others_do_not_notice(limits: Limits | None, autojump_clock: MockClock) -> None:
    calm = await times({}, limits)
    trouble = await times({DEAD: hangs, BUSY: NOT_NOW}, limits)
    assert calm == trouble
    assert all(seconds == [pytest.approx(0.2)] * ROUNDS for seconds in trouble.values())


async def test_what_waits_for_a_dead_one_is_bounded(autojump_clock: MockClock) -> None:
    """By its queue, whatever comes in, and for no longer than `total`."""
    destination = a_destination(DEAD, concurrency=4, queue=50, timeouts=Timeouts(response=8, total=10))
    catalog = a_catalog(destination, loans=to(DEAD))
    async with a_house(catalog, {DEAD: Buyer(hangs)}, max_leads=10_000) as house:
        for number in range(500):
            await house.intake.receive(a_lead(lead_id=lead_id(number)), "", catalog)
        await trio.sleep(1)
        assert house.intake.ledger.under_way == 54
        await trio.sleep(10)
        assert house.intake.ledger.under_way == 0
        facts = [entry.fact for entries in house.journal.entries.values() for entry in entries]
    assert sum(isinstance(fact, AttemptEnded) for fact in facts) == 4 + 4
