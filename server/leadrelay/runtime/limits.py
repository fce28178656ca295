"""What decides whether an outlet lets a lead out: schedule, breaker, caps and pace (behaviour 7).

The deciding is done by values in core/limits; here they are kept, told the time and waited for. A
destination without limits has no gate, and its outlet asks nobody.

What a breaker and an adaptive concurrency have learnt lives in memory alone: it is about the
recipient's health a minute ago, and whoever starts anew after a stop had better look for himself.
What a cap has counted is money, and lives in the journal.
"""

import math
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from zoneinfo import ZoneInfo

import trio

from leadrelay.core.destination import Destination
from leadrelay.core.errors import NotNow
from leadrelay.core.limits import Limits
from leadrelay.core.limits.adaptive import Adaptive
from leadrelay.core.limits.breaker import Breaker, breaker_open
from leadrelay.core.limits.caps import Cap, Claim, Holder, Wanted
from leadrelay.core.limits.full import Full, WhenFull
from leadrelay.core.limits.periods import Period
from leadrelay.core.limits.schedule import Shift
from leadrelay.core.outcome import Money, Outcome
from leadrelay.core.ports import Caps, Clock
from leadrelay.core.pricing import by_rule
from leadrelay.core.scope import Scope
from leadrelay.runtime.pace import Pace
from leadrelay.runtime.slots import Slots

CapsInForce = Callable[[], Sequence[Cap]]


class Visit:
    """One delivery at the gate: which caps it counts under, and what it has of the gate now."""

    def __init__(self, gate: "Gate", holder: Holder, caps: Sequence[Cap], sells: bool) -> None:
        self.gate, self.holder, self.caps, self.sells = gate, holder, caps, sells
        self.bid: Money | None = None  # what the lead will cost
        self.by_rule: Money | None = None  # what it will cost where the reply names no price
        self.claims: tuple[Claim, ...] = ()  # for the fact that tells of the attempt
        self.is_probe = False
        self.heard: tuple[Outcome, float] | None = None  # what came of the attempt, and in how many seconds

    def price_under(self, cap: Cap) -> Decimal | None:
        """What to set aside for it of a cap's money; None: what the cap says, or has seen."""
        price = self.bid or (self.by_rule if cap.per_lead is None else None)
        if price is None or cap.money is None or price.currency not in ("", cap.money.currency):
            return None
        return price.amount


class Gate:
    """The limits of one destination at work.

    A lead keeps the catalog that it was accepted under, but not its caps: what a recipient takes today is
    what the catalog in force says, so that a changed maximum holds at once, for parked leads too.
    """

    def __init__(
        self, destination: Destination, slots: Slots, clock: Clock, caps: Caps, in_force: CapsInForce
    ) -> None:
        limits = destination.limits or Limits()
        self._limits, self._prices, self._in_force = limits, destination.prices, in_force
        self._slots, self._clock, self._caps = slots, clock, caps
        self._shift = Shift(until=0)  # of the schedule
        self._periods: dict[tuple[str, ZoneInfo], Period] = {}  # the present one of each cap
        self._breaker = None if limits.breaker is None else Breaker(rule=limits.breaker)
        self._adaptive = None if limits.adaptive is None else Adaptive.first(limits.adaptive)
        self._pace = None if limits.rate is None else Pace(limits.rate)
        self._breaker_moved = trio.lowlevel.ParkingLot()
        if self._adaptive is not None:
            slots.resize(self._adaptive.slots)

    @property
    def is_at_rest(self) -> bool:
        """Nothing that still matters would be forgotten with this gate."""
        return self._breaker is None or self._breaker.is_closed

    def visit(self, holder: Holder, scope: Scope, *, sells: bool = True) -> Visit:
        """A delivery and the caps that count it. One that sells nothing, a ping, takes no place of theirs."""
        caps = [cap for cap in self._in_force() if cap.when is None or cap.when.holds(scope)]
        visit = Visit(self, holder, caps, sells)
        if any(cap.money is not None for cap in caps):
            if scope.bid is not None:
                visit.bid = Money(amount=scope.bid.price, currency=scope.bid.currency)
            elif (found := by_rule(self._prices, scope)) is not None:
                visit.by_rule = Money(amount=found[0], currency=found[1])
        return visit

    def look(self, visit: Visit) -> None:
        """Raises NotNow where the delivery could not go now, so that it need not queue to hear it."""
        full = self._closed() or self._broken()
        if full is None and visit.caps:
            full = self._caps.full(visit.holder, self._wanted(visit))
        if full is not None:
            raise NotNow(full)

    async def enter(self, visit: Visit, held_until: Callable[[], float]) -> None:
        """Take what an attempt needs, when its turn has come and not before `held_until`.

        Raises NotNow. Whatever was taken is given back, or answered for, by `leave`.
        """
        if self._pace is None:
            if (moment := held_until()) > trio.current_time():
                await trio.sleep_until(moment)
            await self._take(visit)
        else:
            async with self._pace.turn(held_until):
                await self._take(visit)

    async def admit(self, visit: Visit) -> None:
        """The same without a turn in the rate, which a batch takes for all its leads. Raises NotNow."""
        await self._take(visit)

    @asynccontextmanager
    async def turn(self, held_until: Callable[[], float]) -> AsyncIterator[None]:
        """The turn of one request in the rate, not before `held_until`."""
        if self._pace is not None:
            async with self._pace.turn(held_until):
                yield
            return
        if (moment := held_until()) > trio.current_time():
            await trio.sleep_until(moment)
        yield

    def leave(self, visit: Visit) -> None:
        """The attempt is over, or never began."""
        if visit.claims:
            self._caps.release(visit.holder)
        if self._breaker is not None:
            self._breaker = self._after(self._breaker, visit)
        if self._adaptive is not None and visit.heard is not None:
            out = self._slots.taken
            self._adaptive = self._adaptive.heard(*visit.heard, out, trio.current_time())
            self._slots.resize(self._adaptive.slots)
        visit.claims, visit.is_probe, visit.heard = (), False, None

    def policy(self, visit: Visit, full: Full, left: float) -> WhenFull:
        """What a delivery with so many seconds left does about a full outlet. A bid is not parked for."""
        asked = WhenFull.WAIT if full.is_brief else self._limits.when_full
        if asked is WhenFull.PARK and not visit.sells:
            asked = WhenFull.WAIT
        opens_in = self.opens_in(full)
        if asked is WhenFull.WAIT:
            may_open = full.may_open_sooner or opens_in < left
        else:
            may_open = full.opens_at is not None
        return asked if may_open else WhenFull.SKIP

    def opens_in(self, full: Full) -> float:
        """Seconds until it opens, at the latest; infinity: nobody can say."""
        return math.inf if full.opens_at is None else max(0.0, self._seconds_until(full.opens_at))

    async def opening(self, full: Full) -> None:
        """Wait until another look is worth it."""
        with trio.move_on_after(self.opens_in(full)):
            if full.cap:
                await self._caps.freed(full.cap)
            elif full.may_open_sooner:
                await self._breaker_moved.park()
            else:
                await trio.sleep_forever()

    async def _take(self, visit: Visit) -> None:
        full = self._closed()
        if full is None and visit.caps and visit.sells:
            held = await self._caps.hold(visit.holder, self._wanted(visit))
            if isinstance(held, Full):
                raise NotNow(held)
            visit.claims = held
        full = full or self._broken()
        if full is not None:
            raise NotNow(full)
        if self._breaker is not None:
            visit.is_probe = not self._breaker.is_closed
            self._breaker = self._breaker.entered()

    def _closed(self) -> Full | None:
        schedule = self._limits.schedule
        if schedule is None:
            return None
        now = self._clock.now()
        if now >= self._shift.until:
            self._shift = schedule.at(now)
        return self._shift.closed

    def _broken(self) -> Full | None:
        breaker, now = self._breaker, trio.current_time()
        if breaker is None or breaker.lets_pass(now):
            return None
        is_probing = now >= breaker.tries_at
        next_look = now + breaker.rule.open_for if is_probing else breaker.tries_at
        since, tries_at = self._wall(breaker.since), self._wall(next_look)
        return breaker_open(breaker, since=since, tries_at=tries_at, is_probing=is_probing)

    def _after(self, breaker: Breaker, visit: Visit) -> Breaker:
        if visit.heard is not None:
            after = breaker.heard(visit.heard[0], trio.current_time(), was_probe=visit.is_probe)
        elif visit.is_probe:
            after = breaker.withdrawn()
        else:
            return breaker
        if visit.is_probe:
            self._breaker_moved.unpark_all()
        return after

    def _wanted(self, visit: Visit) -> list[Wanted]:
        now = self._clock.now()
        return [Wanted(cap, self._period(cap, now), visit.price_under(cap)) for cap in visit.caps]

    def _period(self, cap: Cap, now: int) -> Period:
        period = self._periods.get((cap.key, cap.zone))
        if period is None or not period.holds(now):
            period = self._periods[cap.key, cap.zone] = cap.period_at(now)
        return period

    def _seconds_until(self, moment: int) -> float:
        return (moment - self._clock.now()) / 1e9

    def _wall(self, moment: float) -> int:
        """A moment of trio's clock on the one on the wall."""
        return self._clock.now() + round((moment - trio.current_time()) * 1e9)
