"""Outlets by destination and by the state of its settings (behaviour 2, 7)."""

from dataclasses import replace

import pytest
import trio
from trio.testing import MockClock

from fakes import Buyer, Outfit, Tokens, TrioClock, answers
from leadrelay.core.destination import Destination
from leadrelay.core.ports import Adapter
from leadrelay.journal.tally import Tally
from leadrelay.runtime.outlet import Outlet
from leadrelay.runtime.outlets import UNUSED_AFTER, Outlets
from values import a_destination


async def test_leads_of_one_destination_share_its_outlet(autojump_clock: MockClock) -> None:
    outlets, found = Outlets(Outfit({"a": Buyer(answers())}), TrioClock(), Tally()), list[Outlet]()

    async def ask() -> None:
        async with outlets.door(a_destination("a")) as outlet:
            found.append(outlet)

    async with trio.open_nursery() as nursery:
        await nursery.start(outlets.run)
        async with trio.open_nursery() as leads:
            for _ in range(20):
                leads.start_soon(ask)
        nursery.cancel_scope.cancel()
    assert len(found) == 20
    assert len(set(map(id, found))) == 1


async def test_a_changed_destination_gets_an_outlet_of_its_own(autojump_clock: MockClock) -> None:
    """A lead keeps the catalog it was accepted under, so both are served side by side."""
    outlets = Outlets(Outfit({"a": Buyer(answers())}), TrioClock(), Tally())
    before, after = (replace(a_destination("a"), fingerprint=mark) for mark in ("1", "2"))
    async with trio.open_nursery() as nursery:
        await nursery.start(outlets.run)
        async with outlets.door(before) as first, outlets.door(replace(before)) as same:
            assert first is same
            async with outlets.door(after) as other:
                assert other is not first
        nursery.cancel_scope.cancel()


async def test_an_outlet_that_cannot_be_made_fails_its_own_leads_and_is_tried_again(
    autojump_clock: MockClock,
) -> None:
    class Fails(Outfit):
        is_broken = True

        def adapter(self, destination: Destination) -> Adapter:
            if self.is_broken:
                raise ValueError("no adapter for it")
            return super().adapter(destination)

    outfit = Fails({"a": Buyer(answers())})
    outlets = Outlets(outfit, TrioClock(), Tally())
    async with trio.open_nursery() as nursery:
        await nursery.start(outlets.run)
        with pytest.raises(ValueError, match="no adapter"):
            async with outlets.door(a_destination("a")):
                pass
        outfit.is_broken = False
        async with outlets.door(a_destination("a")) as outlet:
            assert outlet.destination.name == "a"
        nursery.cancel_scope.cancel()


async def test_a_destination_without_leads_is_closed_after_a_while_and_opens_again(
    autojump_clock: MockClock,
) -> None:
    outfit = Outfit({"a": Buyer(answers())})
    outlets = Outlets(outfit, TrioClock(), Tally())
    async with trio.open_nursery() as nursery:
        await nursery.start(outlets.run)
        async with outlets.door(a_destination("a")) as first, first.slot():
            pass
        (wire,) = outfit.adapters["a"].wires
        await trio.sleep(2 * UNUSED_AFTER)
        assert wire.is_closed
        async with outlets.door(a_destination("a")) as second:
            assert second is not first
        nursery.cancel_scope.cancel()


async def test_an_outlet_stays_open_while_a_lead_is_inside_however_long(autojump_clock: MockClock) -> None:
    outlets = Outlets(Outfit({"a": Buyer(answers())}), TrioClock(), Tally())
    async with trio.open_nursery() as nursery:
        await nursery.start(outlets.run)
        async with outlets.door(a_destination("a")) as first:
            await trio.sleep(3 * UNUSED_AFTER)
            async with outlets.door(a_destination("a")) as second:
                assert second is first
        nursery.cancel_scope.cancel()


async def test_a_thousand_catalogs_leave_no_outlet_behind(autojump_clock: MockClock) -> None:
    """Each apply changes the destination and each version serves a lead."""
    outlets = Outlets(Outfit({"a": Buyer(answers())}), TrioClock(), Tally())
    async with trio.open_nursery() as nursery:
        await nursery.start(outlets.run)
        before = trio.lowlevel.current_statistics().tasks_living
        for version in range(1000):
            destination = replace(a_destination("a"), fingerprint=str(version))
            async with outlets.door(destination) as outlet, outlet.slot():
                await trio.sleep(1)
        at_work = trio.lowlevel.current_statistics().tasks_living - before
        await trio.sleep(2 * UNUSED_AFTER)
        assert trio.lowlevel.current_statistics().tasks_living == before
        nursery.cancel_scope.cancel()
    assert at_work < 1000, "those of the first minutes were closed while later ones opened"


async def test_a_lead_that_comes_as_its_outlet_closes_gets_an_open_one(autojump_clock: MockClock) -> None:
    outlets = Outlets(Outfit({"a": Buyer(answers())}, {"a": Tokens()}), TrioClock(), Tally())
    served = 0
    async with trio.open_nursery() as nursery:
        await nursery.start(outlets.run)
        for pause in (0.499, 0.5, 0.501, 1.0, 1.499, 1.5, 1.501) * 3:
            async with outlets.door(a_destination("a")) as outlet, outlet.slot():
                served += 1
            await trio.sleep(pause * UNUSED_AFTER)
        nursery.cancel_scope.cancel()
    assert served == 21
