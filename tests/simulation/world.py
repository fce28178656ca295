"""One world per seed: a catalog, its recipients, some leads, and what goes wrong meanwhile.

Everything follows from the seed, so that a world that broke a promise is seen again by its number:

    python -m simulation SEED
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import trio

from leadrelay.core.catalog import Catalog
from leadrelay.core.condition import compile_condition
from leadrelay.core.destination import Destination, Rest, StatusRequest, Timeouts, WhenUnknown
from leadrelay.core.errors import JournalError
from leadrelay.core.facts import LeadSettled
from leadrelay.core.flow import (
    Auction,
    Bidder,
    Branch,
    Deliver,
    Flow,
    Order,
    Parallel,
    Sequence,
    Step,
    Waterfall,
    rotates,
)
from leadrelay.core.lead import Lead
from leadrelay.core.limits import Limits
from leadrelay.core.limits.caps import Cap
from leadrelay.core.limits.full import WhenFull
from leadrelay.core.limits.periods import PeriodKind
from leadrelay.core.outcome import Kind
from leadrelay.core.reading import Match, ReadingRule, ReadingSpec, compile_reading
from leadrelay.core.retry import Backoff
from leadrelay.runtime.courier import Equipment
from leadrelay.runtime.intake import Intake, Refused
from leadrelay.runtime.outlets import Outlets
from leadrelay.runtime.simulation.engine import OneVersion, VirtualClock, in_virtual_time
from simulation.market import Market, MarketOutfit
from simulation.operator_desk import resolve_doubts
from simulation.shaky_journal import ShakyJournal
from values import MOMENT, READING, a_destination, a_lead

LONGEST = 30 * 86_400.0  # seconds in which all leads have settled; parked ones wait for the days to come
_UNKNOWN_THERE = ReadingRule(outcome=Kind.SUCCESS, match=(Match(status="404"),))
NOT_KNOWN = compile_reading(ReadingSpec(rules=(_UNKNOWN_THERE,), otherwise=Kind.HARD_REJECT))


@dataclass(frozen=True)
class End:
    """Of one engine."""

    at: float
    is_crash: bool  # nothing of it reaches the journal any more; else it has its last words


@dataclass
class World:
    """What one seed makes, and what became of it."""

    seed: int
    catalog: Catalog
    market: Market
    journal: ShakyJournal
    leads: list[Lead]
    ends: list[End]  # of all engines but the last
    resolves: bool = False  # somebody asks what became of the leads that rest
    accepted: list[str] = field(default_factory=list)  # ids of leads that were taken, durably

    @property
    def flow(self) -> Flow:
        return self.catalog.flows["loans"]


def a_world(seed: int) -> World:
    lots = Random(seed)
    trouble = lots.choice([0.0, 0.2, 0.5, 0.9])
    journal = ShakyJournal(Random(lots.random()), trouble * lots.choice([0, 1]))
    market = Market(Random(lots.random()), trouble, journal.is_started)
    catalog = _Founder(lots).catalog()
    leads = [
        a_lead(lead_id=str(UUID(int=(seed << 32) + number + 1)), state=lots.choice(["CA", "TX"]))
        for number in range(lots.randint(1, 6))
    ]
    moments = sorted(lots.uniform(0, 20) for _ in range(lots.choice([0, 0, 1, 1, 2, 3])))
    ends = [End(at, is_crash=lots.random() < 0.7) for at in moments]
    return World(seed, catalog, market, journal, leads, ends)


def live(world: World) -> World:
    """From the first lead to the last settlement."""
    in_virtual_time(lambda: _lives(world), world.seed)
    return world


class _Founder:
    """Makes a catalog by lot."""

    def __init__(self, lots: Random) -> None:
        self._lots = lots
        self._count = self._ordered = 0
        self._destinations: dict[str, Destination] = {}

    def catalog(self) -> Catalog:
        root = self._step(depth=3)
        flow = Flow(name="loans", root=root, rotates=rotates(root))
        return Catalog(version=1, destinations=self._destinations, flows={"loans": flow})

    def _deliver(self, *, is_ping: bool = False) -> Deliver:
        lots, name = self._lots, f"d{self._count}"
        self._count += 1
        policy = lots.choice([WhenUnknown.HOLD, WhenUnknown.HOLD, WhenUnknown.RESEND, WhenUnknown.ASK])
        retry = Backoff(
            attempts=lots.randint(1, 4), first_delay=lots.choice([0.1, 1]), jitter=lots.random() < 0.5
        )
        plain = a_destination(
            name,
            rules=(),
            when_unknown=policy,
            concurrency=lots.randint(1, 4),
            limits=self._limits(name),
            timeouts=Timeouts(connect=1, response=2, total=lots.choice([3, 8, 30])),
            retry=retry,
        )
        asks = policy is WhenUnknown.ASK
        patience = Backoff(attempts=lots.randint(1, 3), first_delay=lots.choice([0.5, 2]))
        self._destinations[name] = _asking(plain, patience) if asks else plain
        within = lots.choice([1.0, 3.0]) if is_ping else None
        return Deliver(delivery=name, destination=name, bid_within=within)

    def _limits(self, name: str) -> Limits | None:
        """Some take one or two leads a day."""
        if self._lots.random() < 0.7:
            return None
        count = self._lots.randint(1, 2)
        cap = Cap(key=f"{name}/day", period=PeriodKind.DAY, zone=ZoneInfo("UTC"), count=count)
        return Limits(caps=(cap,), when_full=self._lots.choice(list(WhenFull)))

    def _step(self, depth: int) -> Step:
        makers: list[Callable[[int], object]] = [lambda _: self._deliver()]
        if depth and self._count < 8:
            makers += [
                self._waterfall,
                self._waterfall,
                self._auction,
                self._branch,
                self._parallel,
                self._row,
            ]
        kind = self._lots.choice(makers[1:] or makers)(depth)
        when = compile_condition('state == "CA"') if self._lots.random() < 0.15 else None
        return Step(kind=kind, when=when, weight=self._lots.randint(1, 3))  # type: ignore[arg-type]

    def _steps(self, depth: int, least: int = 1) -> tuple[Step, ...]:
        return tuple(self._step(depth - 1) for _ in range(self._lots.randint(least, 3)))

    def _waterfall(self, depth: int) -> Waterfall:
        self._ordered += 1
        order = self._lots.choice([Order.LISTED, Order.LISTED, Order.WEIGHT, Order.ROUND_ROBIN])
        return Waterfall(
            steps=self._steps(depth, 2),
            stop_after=self._lots.choice([1, 1, 2]),
            order=order,
            name=f"loans/{self._ordered}",
        )

    def _auction(self, _depth: int) -> Auction:
        bidders = tuple(
            Bidder(ping=self._deliver(is_ping=True), post=self._deliver())
            for _ in range(self._lots.randint(1, 3))
        )
        return Auction(bidders=bidders, stop_after=self._lots.choice([1, 1, 2]))

    def _branch(self, depth: int) -> Branch:
        arm = (compile_condition('state == "CA"'), self._step(depth - 1))
        return Branch(arms=(arm,), otherwise=self._step(depth - 1) if self._lots.random() < 0.7 else None)

    def _parallel(self, depth: int) -> Parallel:
        return Parallel(steps=self._steps(depth))

    def _row(self, depth: int) -> Sequence:
        return Sequence(steps=self._steps(depth))


def _asking(destination: Destination, patience: Backoff) -> Destination:
    assert isinstance(destination.protocol, Rest)
    request = replace(destination.protocol)  # one of its own, by which the market knows it
    ask = StatusRequest(request=request, reading=READING, not_known=NOT_KNOWN, retry=patience)
    return replace(destination, ask=ask)


async def _lives(world: World) -> None:
    """One engine after the other, each stopped or killed in the middle but the last."""
    coming = list(world.leads)
    for end in world.ends:
        with trio.CancelScope() as engine:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_ended, world, end, engine)
                await _engine(world, coming)
                nursery.cancel_scope.cancel()
            return
    with trio.move_on_at(LONGEST):
        await _engine(world, coming)
        return
    raise AssertionError(f"world {world.seed}: not every lead has settled after {LONGEST:g} s")


async def _ended(world: World, end: "End", engine: trio.CancelScope) -> None:
    await trio.sleep_until(end.at)
    if end.is_crash:
        world.journal.crash()
    engine.cancel()


async def _engine(world: World, coming: list[Lead]) -> None:
    world.journal.reopen()
    clock = VirtualClock(MOMENT)
    outlets = Outlets(MarketOutfit(world.market), clock, world.journal.caps)
    equipment = Equipment(outlets=outlets, clock=clock, chance=world.market.lots.random)
    intake = Intake(journal=world.journal, catalogs=OneVersion(world.catalog), equipment=equipment)
    async with trio.open_nursery() as nursery:
        await nursery.start(outlets.run)
        await nursery.start(intake.run)
        nursery.start_soon(_resumed, intake)
        while coming:
            await trio.sleep(world.market.lots.uniform(0, 3))
            lead = coming.pop()
            with suppress(JournalError, Refused):  # its caller may try again, with a lead of another id
                await intake.receive(lead, "", world.catalog)
                world.accepted.append(lead.id)
        await _all_settled(world)
        if world.resolves:
            await resolve_doubts(world.market, world.journal, intake)
        nursery.cancel_scope.cancel()


async def _resumed(intake: Intake) -> None:
    while True:
        try:
            await intake.resume()
        except JournalError:
            await trio.sleep(1)
        else:
            return


async def _all_settled(world: World) -> None:
    for lead_id in list(world.journal.entries):
        async with world.journal.follow(lead_id) as news:
            while not isinstance((await news.next()).fact, LeadSettled):
                pass
