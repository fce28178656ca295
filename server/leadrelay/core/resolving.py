"""Saying what became of a delivery of which nobody knows (behaviour 4.5).

Only an unresolved one can be resolved, once: an answer that a recipient gave is not ours to change. The
same word said twice is a repeat and changes nothing.
"""

from leadrelay.core.facts import DeliveryResolved
from leadrelay.core.outcome import Arrived, Kind, Outcome
from leadrelay.core.standing import Standing, Tried

MAY_BE = (Kind.SUCCESS, Kind.HARD_REJECT, Kind.SOFT_REJECT, Kind.SYSTEM_ERROR, Kind.TIMEOUT)


class UnknownDelivery(Exception):
    """The lead has no such delivery."""

    def __init__(self, delivery: str, known: list[str]) -> None:
        super().__init__(delivery)
        self.delivery, self.known = delivery, known


class NotUnresolved(Exception):
    """There is nothing to resolve; the words say how the delivery stands."""


def resolve(state: Standing, delivery: str, outcome: Outcome) -> DeliveryResolved | None:
    """The fact that resolves a delivery, to be added to the standing; None where that was said before.

    The outcome is that of a recipient that had the lead, except that a technical one says that it did
    not. Raises UnknownDelivery and NotUnresolved.
    """
    tried = state.deliveries.get(delivery)
    if tried is None:
        raise UnknownDelivery(delivery, list(state.deliveries))
    if tried.at_first is not None and tried.final is not None:
        if _says_the_same(tried.final, outcome):
            return None
        raise NotUnresolved(f"it was resolved before, as {tried.final.kind}")
    if tried.final is None:
        raise NotUnresolved(_is_open(tried))
    if not tried.final.is_unresolved:
        raise NotUnresolved(f"it ended as {tried.final.kind}, which is certain")
    return DeliveryResolved(
        delivery=delivery, destination=tried.destination, outcome=outcome, attempts=tried.made
    )


def said(kind: Kind, reason: str, **more: object) -> Outcome:
    """What an operator says became of a delivery. Raises ValueError for what no recipient can answer."""
    if kind not in MAY_BE:
        raise ValueError(f"a delivery is resolved as one of {', '.join(MAY_BE)}")
    arrived = Arrived.NO if kind in (Kind.SYSTEM_ERROR, Kind.TIMEOUT) else Arrived.YES
    return Outcome(kind=kind, words=reason, arrived=arrived, **more)  # type: ignore[arg-type]


def _says_the_same(known: Outcome, outcome: Outcome) -> bool:
    def essence(each: Outcome) -> tuple[object, ...]:
        return each.kind, each.price, each.currency, each.reference

    return essence(known) == essence(outcome)


def _is_open(tried: Tried) -> str:
    if tried.due_at is not None:
        return "it is parked and will be tried again"
    return "it is still under way"
