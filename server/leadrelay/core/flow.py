"""Where a lead may go: a tree of steps, as values (behaviour 5). `plan` walks it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from leadrelay.core.condition import Condition
from leadrelay.core.outcome import Kind, Money
from leadrelay.core.pricing import PriceRule
from leadrelay.core.template import Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver:
    """One destination."""

    delivery: str  # unique in the flow: the destination's name, then `name#2`, `name#3`
    destination: str
    holds_unknown: bool = True  # False: a lead that may have arrived counts as not sold
    bid_within: float | None = None  # seconds; set for a ping, which asks for a price and sells nothing

    @property
    def is_ping(self) -> bool:
        return self.bid_within is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """Steps in order, whatever the outcome of each."""

    steps: tuple["Step", ...]


class Order(StrEnum):
    """Which step of a waterfall is tried first (`core.order`)."""

    LISTED = "listed"
    WEIGHT = "weight"
    ROUND_ROBIN = "round_robin"
    PRICE = "price"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """Steps in order until the lead has been sold `stop_after` times."""

    steps: tuple["Step", ...]
    stop_after: int = 1
    order: Order = Order.LISTED
    name: str = ""  # unique in the catalog where the order needs one: its lots and its turns go by it


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
class Bidder:
    """Who is asked for a price, and where the lead goes when that price wins."""

    ping: Deliver
    post: Deliver
    when: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Auction:
    """All pings at once, then the posts down the bids until the lead has been sold `stop_after` times."""

    bidders: tuple[Bidder, ...]
    minimum: Money | None = None  # bids below, and in another currency, lose
    stop_after: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Stops the whole flow with an outcome of its own when its condition does not hold."""

    passes: Condition
    reason: Template | None = None
    kind: Kind = Kind.HARD_REJECT


Price = Template | Decimal | tuple[PriceRule, ...] | None  # the rules are its destination's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One node of the tree, with the condition under which it is done at all."""

    kind: Deliver | Sequence | Waterfall | Parallel | Branch | Auction | Filter
    when: Condition | None = None
    required: bool = False
    weight: int = 1  # its share in a waterfall ordered by weight
    price: Price = None  # what it is expected to pay, in a waterfall ordered by price


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    name: str
    root: Step
    answer_within: float | None = None  # seconds; None: the caller waits until the lead has settled
    rotates: bool = False  # a waterfall of it goes round, so that a lead draws turns when it is accepted

    def deliveries(self) -> Iterator[Deliver]:
        """Every delivery of the flow in document order."""
        return deliveries(self.root)


def deliveries(step: Step) -> Iterator[Deliver]:
    """Every delivery at or below a step, in document order."""
    match step.kind:
        case Deliver():
            yield step.kind
        case Auction():
            for bidder in step.kind.bidders:
                yield bidder.ping
                yield bidder.post
        case _:
            for child in children(step):
                yield from deliveries(child)


def children(step: Step) -> tuple[Step, ...]:
    """The steps right below a step."""
    match step.kind:
        case Sequence() | Waterfall() | Parallel():
            return step.kind.steps
        case Branch():
            arms = tuple(arm for _, arm in step.kind.arms)
            return arms if step.kind.otherwise is None else (*arms, step.kind.otherwise)
        case _:
            return ()


def rotates(step: Step) -> bool:
    """Whether a waterfall at or below a step goes round."""
    is_rotating = isinstance(step.kind, Waterfall) and step.kind.order is Order.ROUND_ROBIN
    return is_rotating or any(map(rotates, children(step)))


def destination_of(delivery: str) -> str:
    """The destination of a delivery's name: `crm` of `crm#2`. Names of destinations hold no `#`."""
    return delivery.partition("#")[0]
