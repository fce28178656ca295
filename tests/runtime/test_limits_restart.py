"""Caps over a real journal: exact through stops, restarts and catalogs applied again (behaviour 7)."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from fakes import Act, Buyer, OneCatalog, Outfit, TrioClock, answers, breaks, hangs
from leadrelay.core.catalog import Catalog
from leadrelay.core.destination import WhenUnknown
from leadrelay.core.errors import AlreadyReceived
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.facts import DeliveryEnded, LeadSettled
from leadrelay.core.limits.caps import Cap
from leadrelay.core.outcome import Kind, Outcome
from leadrelay.core.ports import Progress
from leadrelay.core.resolving import said
from leadrelay.core.retry import Backoff
from leadrelay.journal.journal import Journal, open_journal
from leadrelay.runtime.courier import Equipment
from leadrelay.runtime.intake import Intake
from leadrelay.runtime.outlets import Outlets
from runtime.limited import by_code, cap, capped, lead_id
from values import ACCEPTED, REJECTED, a_catalog, a_destination, a_lead

SELLS: Act = answers(body=ACCEPTED)
DECLINES: Act = answers(body=REJECTED)


def hangs_and_tells(out: trio.Event) -> Act:
    async def act(request: Request, progress: Progress) -> Reply:
        out.set()
        return await hangs(request, progress)

    return act


def catalog_with(*caps: Cap, when_unknown: WhenUnknown = WhenUnknown.HOLD) -> Catalog:
    retry = Backoff(attempts=2, first_delay=0)
    return a_catalog(a_destination("buyer", limits=capped(*caps), when_unknown=when_unknown, retry=retry))


class Desk:
    """An engine over a real journal."""

    def __init__(self, journal: Journal, intake: Intake, catalog: Catalog) -> None:
        self.journal, self.intake, self._catalog = journal, intake, catalog

    async def hand_over(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            await self.intake.receive(a_lead(lead_id=lead_id(number)), "", self._catalog)

    async def ends(self, numbers: Iterable[int]) -> list[Outcome]:
        """How each of these leads ended, once all have."""
        return [await self._end(lead_id(number)) for number in numbers]

    async def deliver(self, numbers: Iterable[int]) -> Counter[str]:
        numbers = list(numbers)
        await self.hand_over(numbers)
        return by_code(await self.ends(numbers))

    async def _end(self, lead: str) -> Outcome:
        outcome: Outcome | None = None
        async with self.journal.follow(lead) as entries:
            while True:
                fact = (await entries.next()).fact
                if isinstance(fact, DeliveryEnded):
                    outcome = fact.outcome
                elif isinstance(fact, LeadSettled):
                    assert outcome is not None
                    return outcome


@asynccontextmanager
async def a_desk(folder: Path, catalog: Catalog, *acts: Act) -> AsyncIterator[Desk]:
    """Takes up what an earlier one left in the folder; is stopped in the middle when the block ends."""
    async with open_journal(folder) as journal:
        outlets = Outlets(Outfit({"buyer": Buyer(*acts)}), TrioClock(), journal.caps)
        equipment = Equipment(outlets=outlets, clock=TrioClock(), chance=lambda: 0.5)
        intake = Intake(journal=journal, catalogs=OneCatalog(catalog), equipment=equipment)
        async with trio.open_nursery() as nursery:
            await nursery.start(outlets.run)
            await nursery.start(intake.run)
            await intake.resume()
            with trio.fail_after(30):
                yield Desk(journal, intake, catalog)
            nursery.cancel_scope.cancel()


async def test_a_restart_goes_on_counting(tmp_path: Path) -> None:
    catalog = catalog_with(cap(5))
    async with a_desk(tmp_path, catalog, DECLINES, SELLS) as desk:
        assert (await desk.deliver(range(4)))["success"] == 3
    async with a_desk(tmp_path, catalog, SELLS) as desk:
        assert await desk.deliver(range(10, 20)) == {"success": 2, "cap_full": 8}


async def test_money_is_still_spent_after_a_restart(tmp_path: Path) -> None:
    catalog = catalog_with(cap(None, money="50", per_lead="12.50"))
    async with a_desk(tmp_path, catalog, SELLS) as desk:
        await desk.deliver(range(2))
    async with a_desk(tmp_path, catalog, SELLS) as desk:
        assert await desk.deliver(range(10, 20)) == {"success": 2, "cap_full": 8}


async def test_a_changed_catalog_goes_on_counting_under_the_new_maximum(tmp_path: Path) -> None:
    async with a_desk(tmp_path, catalog_with(cap(2)), SELLS) as desk:
        assert await desk.deliver(range(5)) == {"success": 2, "cap_full": 3}
    async with a_desk(tmp_path, catalog_with(cap(3)), SELLS) as desk:
        assert await desk.deliver(range(10, 15)) == {"success": 1, "cap_full": 4}
    async with a_desk(tmp_path, catalog_with(cap(1)), SELLS) as desk:
        await desk.hand_over([20])
        (end,) = await desk.ends([20])
    assert end.words.startswith("daily cap full: 3 of 1, ")


async def test_what_was_out_when_it_stopped_keeps_its_place(tmp_path: Path) -> None:
    catalog = catalog_with(cap(1))
    out = trio.Event()
    async with a_desk(tmp_path, catalog, hangs_and_tells(out)) as desk:
        await desk.hand_over([1])
        await out.wait()
    async with a_desk(tmp_path, catalog, SELLS) as desk:
        (first,) = await desk.ends([1])
        assert first.is_unresolved
        assert await desk.deliver([2]) == {"cap_full": 1}


@pytest.mark.parametrize(
    ("outcome", "after"),
    [
        (said(Kind.SUCCESS, "they have it"), "cap_full"),
        (said(Kind.HARD_REJECT, "they want it not"), "success"),
    ],
)
async def test_a_resolution_sells_the_place_or_frees_it_also_after_a_restart(
    tmp_path: Path, outcome: Outcome, after: str
) -> None:
    catalog = catalog_with(cap(1))
    async with a_desk(tmp_path, catalog, breaks) as desk:
        await desk.hand_over([1])
        assert (await desk.ends([1]))[0].is_unresolved
        assert await desk.deliver([2]) == {"cap_full": 1}
    async with a_desk(tmp_path, catalog, SELLS) as desk:
        await desk.intake.resolve(lead_id(1), "buyer", outcome)
        assert await desk.deliver([3]) == {after: 1}


async def test_what_was_out_and_is_sent_again_is_sold_in_the_place_that_it_has(tmp_path: Path) -> None:
    catalog = catalog_with(cap(1), when_unknown=WhenUnknown.RESEND)
    out = trio.Event()
    async with a_desk(tmp_path, catalog, hangs_and_tells(out)) as desk:
        await desk.hand_over([1])
        await out.wait()
    async with a_desk(tmp_path, catalog, SELLS) as desk:
        assert by_code(await desk.ends([1])) == {"success": 1}
        assert await desk.deliver([2]) == {"cap_full": 1}


async def test_a_request_id_that_is_taken_holds_no_place(tmp_path: Path) -> None:
    """The start of its attempt is refused together with the lead."""
    catalog = catalog_with(cap(2))
    async with a_desk(tmp_path, catalog, SELLS) as desk:
        await desk.intake.receive(a_lead(lead_id=lead_id(1), request_id="r-1"), "", catalog)
        with pytest.raises(AlreadyReceived):
            await desk.intake.receive(a_lead(lead_id=lead_id(2), request_id="r-1"), "", catalog)
        await desk.ends([1])
        assert await desk.deliver(range(10, 13)) == {"success": 1, "cap_full": 2}
