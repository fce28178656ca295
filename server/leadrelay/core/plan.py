"""Where a lead goes next, decided from the lead and the answers so far and nothing else (design 2.1).

`plan` is a pure function. The courier starts what it names and calls it again with the new
answers; recovery replays the answers and calls the same function; so does a simulation.

A step sees the answers of steps that ended before it began, by its place in the tree, and never
those of a sibling that runs beside it. So the plan only grows: an answer that comes in late cannot
turn a branch that has already been taken.
"""

from collections.abc import Collection
from dataclasses import dataclass

from leadrelay.core.flow import Flow
from leadrelay.core.lead import Lead
from leadrelay.core.scope import Known
from leadrelay.core.settlement import Settlement, settle
from leadrelay.core.turns import NO_TURNS, Turns
from leadrelay.core.walk import ALL_IN_TIME, Answers, Late, Skip, Start, Walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to start now, what not to try at all, and the settlement once nothing is open."""

    start: tuple[Start, ...]
    skip: tuple[Skip, ...]
    settled: Settlement | None


def plan(
    flow: Flow,
    lead: Lead,
    answers: Answers,
    sensitive: Collection[str] = (),
    *,
    turns: Turns = NO_TURNS,
    known: Known | None = None,
    late: Late = ALL_IN_TIME,
) -> Plan:
    """What follows from the answers so far.

    `start` names every delivery that should be under way, also those that already are. `sensitive`
    are the fields whose values are masked in the reasons of what was not tried. `turns` are those that
    the lead drew when it was accepted. `known` keeps what was read of the lead's fields from one call
    to the next; it changes no answer. An answer that is `late` turns no condition that has
    already been decided.
    """
    walk = Walk(lead, flow, answers, sensitive, turns=turns, known=known, late=late)
    end = walk.step(flow.root, (), None)
    return Plan(
        start=tuple(walk.start),
        skip=tuple(walk.skip),
        settled=None if end is None else settle(flow, end, walk),
    )
