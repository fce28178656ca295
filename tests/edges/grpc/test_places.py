"""A parked lead leaves its place to others, as long as there are places to rest."""

import trio
from trio.testing import MockClock

from leadrelay.edges.grpc.places import Place, Places


async def taken(places: Places) -> Place | None:
    """A place, if there is one."""
    with trio.move_on_after(1):
        return await places.take()
    return None


async def test_a_parked_lead_makes_room_for_another_and_takes_none_when_it_goes_on(
    autojump_clock: MockClock,
) -> None:
    places = Places(under_way=1, resting=1)
    first = await places.take()
    assert await taken(places) is None
    first.rest()
    first.rest()
    second = await taken(places)
    assert second is not None
    second.rest()  # nowhere
    assert await taken(places) is None
    first.leave()
    assert await taken(places) is None, "it left the place where it rested"
    second.rest()
    third = await taken(places)
    assert third is not None
    third.leave()
    second.leave()
    assert await taken(places) is not None
