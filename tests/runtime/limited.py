"""Many leads at limited destinations, and what became of each."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import time
from decimal import Decimal
from zoneinfo import ZoneInfo

import trio

from house import House
from leadrelay.core.condition import compile_condition
from leadrelay.core.limits import Limits
from leadrelay.core.limits.caps import Cap
from leadrelay.core.limits.full import WhenFull
from leadrelay.core.limits.periods import PeriodKind
from leadrelay.core.limits.schedule import Hours, Schedule
from leadrelay.core.outcome import Money, Outcome
from values import a_lead

UTC = ZoneInfo("UTC")  # in which the tests' clock begins on Monday, 2025-11-24, at 16:00


def cap(
    count: int | None,
    period: PeriodKind = PeriodKind.DAY,
    *,
    name: str = "",
    money: str = "",
    per_lead: str = "",
    when: str = "",
) -> Cap:
    return Cap(
        key=f"buyer/{name}/{period}",
        name=name,
        period=period,
        zone=UTC,
        count=count,
        money=Money(amount=Decimal(money), currency="USD") if money else None,
        per_lead=Decimal(per_lead) if per_lead else None,
        when=compile_condition(when) if when else None,
    )


def capped(*caps: Cap, when_full: WhenFull = WhenFull.SKIP) -> Limits:
    return Limits(caps=caps, when_full=when_full)


def open_from(hour: int, until: int = 23, when_full: WhenFull = WhenFull.SKIP) -> Limits:
    """Every day."""
    week = {day: (Hours(time(hour), time(until)),) for day in range(7)}
    return Limits(schedule=Schedule(zone=UTC, week=week), when_full=when_full)


def lead_id(number: int) -> str:
    return f"01935f00-0000-7000-8000-{number:012d}"


async def deliver(house: House, numbers: Iterable[int], apart: float = 0.0, **fields: str) -> None:
    """Hand over leads, so many seconds apart, and wait until all of them have settled."""
    async with trio.open_nursery() as leads:
        for number in numbers:
            leads.start_soon(house.deliver, a_lead(lead_id=lead_id(number), **fields))
            await trio.sleep(apart)


def outcomes(house: House, numbers: Iterable[int], delivery: str = "buyer") -> list[Outcome]:
    return [house.outcomes(lead_id(number))[delivery] for number in numbers]


def by_code(found: Sequence[Outcome]) -> Counter[str]:
    return Counter(str(outcome.code or outcome.kind) for outcome in found)
