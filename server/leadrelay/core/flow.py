"""Where a lead may go: a tree of steps, as values (behaviour 5). `plan` walks it."""

from collections.abc import Iterator
from dataclasses import dataclass

from leadrelay.core.condition import Condition
from leadrelay.core.outcome import Kind
from leadrelay.core.template import Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver:
    """One destination."""

    delivery: str  # unique in the flow: the destination's name, then `name#2`, `name#3`
    destination: str
    holds_unknown: bool = True  # False: a lead that may have arrived counts as not sold


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """Steps in order, whatever the outcome of each."""

    steps: tuple["Step", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """Steps in order until `stop_after` of them have accepted."""

    steps: tuple["Step", ...]
    stop_after: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel:
    """All at once. Where some are `required`, they alone decide whether it accepted."""

    steps: tuple["Step", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """The first arm whose condition holds, else `otherwise`."""

    arms: tuple[tuple[Condition, "Step"], ...]
    otherwise: "Step | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Stops the whole flow with an outcome of its own when its condition does not hold."""

    passes: Condition
    reason: Template | None = None
    kind: Kind = Kind.HARD_REJECT


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One node of the tree, with the condition under which it is done at all."""

    kind: Deliver | Sequence | Waterfall | Parallel | Branch | Filter
    when: Condition | None = None
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    name: str
    root: Step
    answer_within: float | None = None  # seconds; None: the caller waits until the lead has settled

    def deliveries(self) -> Iterator[Deliver]:
        """Every delivery of the flow in document order."""
        return deliveries(self.root)


def deliveries(step: Step) -> Iterator[Deliver]:
    """Every delivery at or below a step, in document order."""
    match step.kind:
        case Deliver():
            yield step.kind
        case Sequence() | Waterfall() | Parallel():
            for child in step.kind.steps:
                yield from deliveries(child)
        case Branch():
            for _, arm in step.kind.arms:
                yield from deliveries(arm)
            if step.kind.otherwise is not None:
                yield from deliveries(step.kind.otherwise)
        case Filter():
            return


def destination_of(delivery: str) -> str:
    """The destination of a delivery's name: `crm` of `crm#2`. Names of destinations hold no `#`."""
    return delivery.partition("#")[0]
