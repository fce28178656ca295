"""Outlets by destination and by the state of its settings (behaviour 2, 7)."""

from dataclasses import replace

import pytest
import trio
from trio.testing import MockClock

from fakes import Buyer, Outfit, answers
from leadrelay.core.destination import Destination
from leadrelay.core.ports import Adapter
from leadrelay.runtime.outlet import Outlet
from leadrelay.runtime.outlets import Outlets
from values import a_destination


async def test_leads_of_one_destination_share_its_outlet(autojump_clock: MockClock) -> None:
    outlets, found = Outlets(Outfit({"a": Buyer(answers())})), list[Outlet]()

    async def ask() -> None:
        found.append(await outlets.door(a_destination("a")))

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
    outlets = Outlets(Outfit({"a": Buyer(answers())}))
    before, after = (replace(a_destination("a"), fingerprint=mark) for mark in ("1", "2"))
    async with trio.open_nursery() as nursery:
        await nursery.start(outlets.run)
        assert await outlets.door(before) is await outlets.door(replace(before))
        assert await outlets.door(before) is not await outlets.door(after)
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
    outlets = Outlets(outfit)
    async with trio.open_nursery() as nursery:
        await nursery.start(outlets.run)
        with pytest.raises(ValueError, match="no adapter"):
            await outlets.door(a_destination("a"))
        outfit.is_broken = False
        assert (await outlets.door(a_destination("a"))).destination.name == "a"
        nursery.cancel_scope.cancel()
