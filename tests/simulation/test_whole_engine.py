"""The whole engine in worlds in which things go wrong: nothing is lost, and nothing is sold twice by us.

Answers are lost, come late and come again; the journal is slow and fails; the process dies at any moment.
200 seeds here, 10,000 by `make simulate`. A seed that breaks a promise shows the same again.
"""

from collections import Counter

import pytest

from leadrelay.core.facts import DeliveryResolved
from leadrelay.core.outcome import Kind
from simulation.promises import broken, broken_after_resolving
from simulation.world import a_world, live

SEEDS = 200
AT_ONCE = 20


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_no_promise_is_broken_whatever_goes_wrong(first: int) -> None:
    for seed in range(first, first + AT_ONCE):
        assert broken(live(a_world(seed))) == [], f"seed {seed}"


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_what_rests_is_resolved_truthfully_and_nothing_is_sold_too_often(first: int) -> None:
    for seed in range(first, first + AT_ONCE):
        world = a_world(seed)
        world.resolves = True
        assert broken_after_resolving(live(world)) == [], f"seed {seed}"


def test_somebody_has_to_be_asked_in_many_worlds() -> None:
    worlds = [a_world(seed) for seed in range(60)]
    for world in worlds:
        world.resolves = True
        live(world)
    every = [entry.fact for world in worlds for rows in world.journal.entries.values() for entry in rows]
    kinds = Counter(fact.outcome.kind for fact in every if isinstance(fact, DeliveryResolved))
    assert set(kinds) >= {Kind.SUCCESS, Kind.HARD_REJECT, Kind.SYSTEM_ERROR}


def test_a_seed_shows_the_same_again() -> None:
    for seed in (3, 17, 42, 99):
        one, other = live(a_world(seed)), live(a_world(seed))
        assert one.journal.entries == other.journal.entries
        assert one.market.bought == other.market.bought


def test_the_worlds_are_as_bad_as_they_are_meant_to_be() -> None:
    """Else the promises would be easy to keep."""
    worlds = [live(a_world(seed)) for seed in range(60)]
    assert any(len(world.ends) > 1 for world in worlds)
    outcomes = [
        str(getattr(getattr(entry.fact, "outcome", None), "code", ""))
        for world in worlds
        for entries in world.journal.entries.values()
        for entry in entries
    ]
    for code in ("interrupted", "timeout_response", "reset", "connect", "unavailable", "auction_lost"):
        assert code in outcomes
    assert sum(len(world.market.bought) for world in worlds) > 50
    again = [key for world in worlds for key, times in world.market.arrived.items() if times > 1]
    assert again
