"""Whose turn it is in a waterfall that goes round (behaviour 5).

A lead draws its turns once, when it is accepted: the journal counts, and the numbers are part of the
lead's first fact, so that every replay, restart and replica agrees. It draws only where it may come to,
and only among the steps that it may take, as far as the lead alone decides that: a step whose condition
the lead does not meet neither has a turn nor hands it to its neighbour, who would be first twice as often.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Final

from leadrelay.core.condition import Condition
from leadrelay.core.flow import Branch, Deliver, Filter, Flow, Order, Step, Waterfall, children
from leadrelay.core.lead import Lead
from leadrelay.core.scope import Known, Scope

Turns = Mapping[str, int]  # by what they are drawn from; from 1, and 0 while nothing is drawn yet
NO_TURNS: Final[Turns] = {}


def turns_to_draw(flow: Flow, lead: Lead, known: Known | None = None) -> dict[str, int]:
    """What a lead draws its turns from when it is accepted; for most flows nothing."""
    if not flow.rotates:
        return {}
    alone = _Alone(flow, lead, known)
    reached = (step.kind for step in alone.reached(flow.root) if isinstance(step.kind, Waterfall))
    pools = {
        waterfall: alone.able(waterfall) for waterfall in reached if waterfall.order is Order.ROUND_ROBIN
    }
    return {_pool(waterfall, able): 0 for waterfall, able in pools.items() if able}


def by_turn(
    waterfall: Waterfall, flow: Flow, lead: Lead, turns: Turns, known: Known | None = None
) -> tuple[Step, ...]:
    """From the step whose turn it is, and round."""
    steps = waterfall.steps
    able = _Alone(flow, lead, known).able(waterfall)
    turn = turns.get(_pool(waterfall, able), 0)
    if not turn or not able:  # it was not thought to come here, or may take no step
        return steps
    first = able[(turn - 1) % len(able)]
    return steps[first:] + steps[:first]


class _Alone:
    """What a lead alone decides about a flow, before anything is sent."""

    def __init__(self, flow: Flow, lead: Lead, known: Known | None) -> None:
        self._scope = Scope.of(lead, known=known)
        self._earlier = tuple(f"{deliver.destination}." for deliver in flow.deliveries())

    def able(self, waterfall: Waterfall) -> list[int]:
        """The places of the steps that the lead may take."""
        return [place for place, step in enumerate(waterfall.steps) if self._may_take(step)]

    def reached(self, step: Step) -> Iterator[Step]:
        """The steps, at or below one, that the lead may come to."""
        if not self._may_take(step):
            return
        yield step
        below = self._taken_arms(step.kind) if isinstance(step.kind, Branch) else children(step)
        for child in below:
            yield from self.reached(child)
            if isinstance(child.kind, Filter) and not self._may_hold(child.kind.passes):
                return  # the flow ends here

    def _taken_arms(self, branch: Branch) -> Iterator[Step]:
        for condition, arm in branch.arms:
            if self._may_hold(condition):
                yield arm
                if not self._depends(condition):
                    return
        if branch.otherwise is not None:
            yield branch.otherwise

    def _may_take(self, step: Step) -> bool:
        return step.when is None or self._may_hold(step.when)

    def _may_hold(self, condition: Condition) -> bool:
        return self._depends(condition) or condition.holds(self._scope)

    def _depends(self, condition: Condition) -> bool:
        """Whether it asks what earlier destinations said."""
        return any(path.startswith(("appended.", *self._earlier)) for path in condition.paths)


def _pool(waterfall: Waterfall, able: Sequence[int]) -> str:
    """All steps share one count of turns; so do those that remain where conditions leave some out."""
    if len(able) == len(waterfall.steps):
        return waterfall.name
    labels = " ".join(_label(waterfall.steps[place], place) for place in able)
    return f"{waterfall.name}/{blake2b(labels.encode(), digest_size=6).hexdigest()}"


def _label(step: Step, place: int) -> str:
    """What stays the same when a catalog is applied again."""
    return step.kind.delivery if isinstance(step.kind, Deliver) else f"{type(step.kind).__name__}#{place}"
