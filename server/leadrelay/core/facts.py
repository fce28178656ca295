"""Everything that happens to a lead, as immutable statements, numbered per lead (design 2.3).

A fact is appended to the journal first; only a durable fact is streamed, drawn or counted.
Facts are stored as JSON: readable with nothing but the database's own shell, and open to new
members, since a missing one reads as its default.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import orjson

from leadrelay.core.exchange import ReplyRecord, RequestRecord
from leadrelay.core.lead import Lead, TraceContext
from leadrelay.core.limits.caps import Claim
from leadrelay.core.outcome import Arrived, Kind, Money, Outcome, ReasonCode, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadReceived:
    """The lead is ours: always the first fact."""

    lead: Lead
    digest: str = ""  # of the caller's request, to tell a repeat from a conflict
    # By what they are drawn from (`core.turns`): 0 where the journal draws as it records, else from 1.
    turns: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptStarted:
    """Durable before the first byte leaves; without an end it reads as `arrived: unknown`."""

    delivery: str  # the step: the destination's name, with `#2`, `#3` where a flow names it again
    destination: str
    attempt: int  # from 1
    request: RequestRecord | None = None
    warnings: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()  # the places under caps that it holds until its outcome is known


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptEnded:
    delivery: str
    destination: str
    attempt: int
    outcome: Outcome
    reply: ReplyRecord | None = None
    sent_at: int | None = None  # when the first byte left, ns since the epoch; None: none did
    took: int = 0  # ns from the first byte out to the last byte in
    overrun: int = 0  # ns by which the timeout that ended it was exceeded
    endpoint: str = ""  # the one that answered, or was tried last; empty: the destination has one
    passed_over: tuple[str, ...] = ()  # those that were not reached before it, and why
    batch: str = ""  # the key of the request that it shared with others
    batch_size: int = 0  # leads in that
    in_doubt: bool = False  # this try or one before it may have arrived, and the recipient has not said so


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAsked:
    """The recipient was asked what became of an attempt that may have arrived (behaviour 4.5)."""

    delivery: str
    destination: str
    number: int  # from 1, for each attempt anew
    outcome: Outcome  # what is known of the attempt now
    request: RequestRecord | None = None
    reply: ReplyRecord | None = None
    sent_at: int | None = None
    took: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryParked:
    """The next attempt is far off; the journal wakes the delivery when it is due."""

    delivery: str
    destination: str
    due_at: int
    reason: str = ""
    cap: str = ""  # the key of the cap that is full: a place that comes free under it ends the wait sooner


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadParked:
    """Nothing of the lead is under way: it rests in the journal until the first delivery is due."""

    due_at: int
    waits: Mapping[str, str] = field(default_factory=dict)  # its deliveries that wait for a cap, and which


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryEnded:
    """One destination's final word, or why it was not tried (`attempts` is then 0)."""

    delivery: str
    destination: str
    outcome: Outcome
    attempts: int = 0
    is_ping: bool = False  # an auction asked for a price: a success is a bid, and no sale


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResolved:
    """Somebody said what became of a delivery that was unresolved; the flow goes on from there."""

    delivery: str
    destination: str
    outcome: Outcome  # takes the place of the one it ended with; its words are the reason given
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadSettled:
    """Nothing more happens to the lead by itself; said again when it goes on after a DeliveryResolved."""

    result: Result
    reason: str = ""
    revenue: tuple[Money, ...] = ()
    accepted: int = 0
    waiting: tuple[str, ...] = ()  # deliveries that rest until an unresolved one is resolved


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadCancelled:
    """Nothing that was not sent yet will be."""

    reason: str = ""


Fact = (
    LeadReceived
    | AttemptStarted
    | AttemptEnded
    | DeliveryAsked
    | DeliveryParked
    | LeadParked
    | DeliveryEnded
    | DeliveryResolved
    | LeadSettled
    | LeadCancelled
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact with its place: whose it is, which number, when."""

    lead_id: str
    number: int  # from 1, without a gap, per lead
    at: int  # ns since the epoch
    fact: Fact


def encode(fact: Fact) -> tuple[str, bytes]:
    """The fact's kind, for an index or a reader, and its JSON body."""
    return type(fact).__name__, orjson.dumps(fact, default=_plain)


def decode(kind: str, body: bytes) -> Fact:
    """The fact of a kind from its JSON body. Raises ValueError for a kind that this version lacks."""
    read = _READERS.get(kind)
    if read is None:
        raise ValueError(f"this version knows no fact of the kind {kind!r}")
    return read(orjson.loads(body))


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot stand in a fact")


Body = dict[str, Any]


def _lead(body: Body) -> Lead:
    return Lead(**body | {"trace": TraceContext(**body["trace"])})


def _outcome(body: Body) -> Outcome:
    price = body["price"]
    return Outcome(
        **body
        | {
            "kind": Kind(body["kind"]),
            "code": ReasonCode(body["code"]) if body["code"] else None,
            "arrived": Arrived(body["arrived"]),
            "price": None if price is None else Decimal(price),
        }
    )


def _headers(body: Body) -> Body:
    return body | {"headers": tuple((name, value) for name, value in body["headers"])}


def _attempt_started(body: Body) -> Fact:
    request = body["request"]
    record = RequestRecord(**_headers(request)) if request else None
    return AttemptStarted(
        **body
        | {
            "request": record,
            "warnings": tuple(body["warnings"]),
            "claims": tuple(map(_claim, body.get("claims", ()))),
        }
    )


def _claim(body: Body) -> Claim:
    amounts = {name: None if body[name] is None else Decimal(body[name]) for name in ("money", "price")}
    return Claim(**body | amounts)


def _attempt_ended(body: Body) -> Fact:
    reply = ReplyRecord(**_headers(body["reply"])) if body["reply"] else None
    return AttemptEnded(
        **body
        | {
            "outcome": _outcome(body["outcome"]),
            "reply": reply,
            "passed_over": tuple(body.get("passed_over", ())),
        }
    )


def _delivery_asked(body: Body) -> Fact:
    request = body["request"]
    record = RequestRecord(**_headers(request)) if request else None
    reply = ReplyRecord(**_headers(body["reply"])) if body["reply"] else None
    return DeliveryAsked(**body | {"outcome": _outcome(body["outcome"]), "request": record, "reply": reply})


def _lead_settled(body: Body) -> Fact:
    revenue = tuple(Money(amount=Decimal(m["amount"]), currency=m["currency"]) for m in body["revenue"])
    return LeadSettled(
        **body | {"result": Result(body["result"]), "revenue": revenue, "waiting": tuple(body["waiting"])}
    )


_READERS: dict[str, Callable[[Body], Fact]] = {
    "LeadReceived": lambda body: LeadReceived(**body | {"lead": _lead(body["lead"])}),
    "AttemptStarted": _attempt_started,
    "AttemptEnded": _attempt_ended,
    "DeliveryAsked": _delivery_asked,
    "DeliveryParked": lambda body: DeliveryParked(**body),
    "LeadParked": lambda body: LeadParked(**body),
    "DeliveryEnded": lambda body: DeliveryEnded(**body | {"outcome": _outcome(body["outcome"])}),
    "DeliveryResolved": lambda body: DeliveryResolved(**body | {"outcome": _outcome(body["outcome"])}),
    "LeadSettled": _lead_settled,
    "LeadCancelled": lambda body: LeadCancelled(**body),
}
