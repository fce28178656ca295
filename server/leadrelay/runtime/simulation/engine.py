"""Runs leads through a catalog as a server would, on a clock that jumps to whatever is next."""

import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import trio

from leadrelay.core.catalog import Catalog
from leadrelay.core.facts import LeadSettled
from leadrelay.core.lead import Lead
from leadrelay.core.ports import Caps, Journal, Outfitter
from leadrelay.runtime.courier import Equipment
from leadrelay.runtime.intake import Intake
from leadrelay.runtime.outlets import Outlets

T = TypeVar("T")

_FIXED: Final = "_ALLOW_DETERMINISTIC_SCHEDULING"
HORIZON: Final = 8 * 86_400.0  # seconds after the last lead: what is parked for longer stays so


class VirtualClock:
    """A wall clock that begins at a moment and follows trio's own."""

    def __init__(self, began_at: int) -> None:
        self.began_at = began_at  # ns since the epoch

    def now(self) -> int:
        return self.began_at + round(trio.current_time() * 1e9)


class OneVersion:
    """A core.ports.Catalogs with one catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self.current = catalog

    async def version(self, number: int) -> Catalog:
        await trio.lowlevel.checkpoint()
        if number != self.current.version:
            raise KeyError(number)
        return self.current

    async def changed(self) -> None:
        await trio.sleep_forever()


@dataclass(frozen=True, slots=True)
class Arrival:
    """A lead that comes in."""

    after: float  # seconds since the beginning
    lead: Lead


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a run is played on."""

    catalog: Catalog
    company: Outfitter  # the recipients
    journal: Journal  # a new one, which keeps what happens
    caps: Caps
    clock: VirtualClock
    seed: int = 0


def simulate(stage: Stage, arrivals: Sequence[Arrival]) -> None:
    """Run leads until they have settled. Nothing is sent, and nothing waits."""
    in_virtual_time(lambda: _play(stage, arrivals), stage.seed)


def in_virtual_time(run: Callable[[], Awaitable[T]], seed: int) -> T:
    """Run on trio with a clock that jumps, and tasks in an order that follows from the seed."""
    from trio.testing import MockClock  # noqa: PLC0415 (it brings a test runner along, where there is one)

    with _in_one_order(seed):
        return trio.run(_awaiting, run, clock=MockClock(autojump_threshold=0))


async def _awaiting(run: Callable[[], Awaitable[T]]) -> T:
    return await run()


@contextmanager
def _in_one_order(seed: int) -> Iterator[None]:
    """trio mixes tasks that are ready together, so that nobody relies on their order; a replay has to."""
    scheduler = vars(trio._core._run)  # what pytest-trio and hypothesis do, too
    before, lots = scheduler[_FIXED], scheduler["_r"].getstate()
    scheduler[_FIXED] = True
    scheduler["_r"].seed(seed)
    try:
        yield
    finally:
        scheduler[_FIXED] = before
        scheduler["_r"].setstate(lots)


def _alone(catalog: Catalog) -> Catalog:
    """Leads that would share a request go by themselves: a script says what becomes of each."""
    alone = {name: replace(each, batch=None) for name, each in catalog.destinations.items()}
    return replace(catalog, destinations=alone)


async def _play(stage: Stage, arrivals: Sequence[Arrival]) -> None:
    catalog = _alone(stage.catalog)
    outlets = Outlets(stage.company, stage.clock, stage.caps)
    chance = random.Random(stage.seed).random
    intake = Intake(
        journal=stage.journal,
        catalogs=OneVersion(catalog),
        equipment=Equipment(outlets=outlets, clock=stage.clock, chance=chance),
        max_leads=2 * len(arrivals) + 1,
    )
    async with trio.open_nursery() as nursery:
        await nursery.start(outlets.run)
        await nursery.start(intake.run)
        for arrival in arrivals:
            await trio.sleep_until(arrival.after)
            await intake.receive(arrival.lead, "", catalog)
        with trio.move_on_after(HORIZON):
            await _until_settled(stage.journal, [arrival.lead.id for arrival in arrivals])
        nursery.cancel_scope.cancel()


async def _until_settled(journal: Journal, lead_ids: Sequence[str]) -> None:
    """Return once every lead has settled, parked ones included."""
    for lead_id in lead_ids:
        async with journal.follow(lead_id) as news:
            while not isinstance((await news.next()).fact, LeadSettled):
                pass
