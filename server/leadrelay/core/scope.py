"""What a template sees of a lead and of what has happened to it so far (behaviour 3.1).

A bare name is a lead field; where the lead has none of that name it is nested data, then one of our
own words (submission, source, flow, destination, delivery, random, price, bid), then an earlier
destination. A typed field is read by its type whether the lead has it as a text or as nested data.
A missing value is null. Paths are resolved once, when a template is compiled: what remains per lead is
a dictionary look-up.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from leadrelay.core.lead import Lead
from leadrelay.core.masking import Texts
from leadrelay.core.outcome import Bid, Outcome
from leadrelay.core.values import NO_TYPES, Typed, Types, Value, is_plain, leaf, text, walk

Read = Callable[["Scope"], Value]

_OF_DELIVERY = frozenset({("id",), ("idempotency_key",), ("reference",)})
_NOTHING: Mapping[str, Any] = {}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DeliveryContext:
    """Which delivery. All its attempts send the same, so that none is known here.

    A status request comes after an attempt, and knows what that one brought back.
    """

    id: str = ""
    idempotency_key: str = ""
    reference: str = ""  # the recipient's own


class Known:
    """What was read of one lead's own fields so far, for all scopes of that lead under one catalog."""

    __slots__ = ("spelled", "typed", "values")

    def __init__(self) -> None:
        self.typed: dict[str, Typed] = {}  # what types made of fields
        # What a template that is a bare name gives, where that may be sent as it is: neither blank nor a
        # list or an object. So a name that is in here needs no other look.
        self.values: dict[str, Value] = {}
        self.spelled: dict[tuple[str, ...], Texts] = {}  # what has to be hidden of what templates told


class Scope:
    """One lead in one situation. Used by one task at a time; `warnings` collects while it is read."""

    __slots__ = (
        "appended",
        "bid",
        "delivery",
        "destination",
        "fields",
        "known",
        "lead",
        "locals",
        "nested",
        "now",
        "outcomes",
        "price",
        "steps",
        "values",
        "warnings",
    )

    def __init__(
        self,
        fields: Mapping[str, str],
        nested: Mapping[str, Any] = _NOTHING,
        *,
        lead: Lead | None = None,
        appended: Mapping[str, Any] = _NOTHING,
        outcomes: Mapping[str, Outcome] = _NOTHING,
        destination: str = "",
        delivery: DeliveryContext | None = None,
        price: Value = None,
        bid: Bid | None = None,
        now: int | None = None,
        known: Known | None = None,
    ) -> None:
        self.fields = fields
        self.nested = nested
        self.lead = lead
        self.appended = appended
        self.outcomes = outcomes
        self.destination = destination
        self.delivery = delivery
        self.price = price
        self.bid = bid  # the one that won the lead for this destination
        self.now = now  # ns since the epoch; None: templates know no time
        self.known = Known() if known is None else known
        self.values = self.known.values
        self.warnings: list[str] = []
        self.locals: list[dict[str, Value]] = []  # of the `#each` blocks under way, innermost last
        self.steps = 0  # rounds of `#each` so far, against a limit

    @classmethod
    def of(
        cls,
        lead: Lead,
        *,
        appended: Mapping[str, Any] = _NOTHING,
        outcomes: Mapping[str, Outcome] = _NOTHING,
        destination: str = "",
        delivery: DeliveryContext | None = None,
        price: Value = None,
        bid: Bid | None = None,
        now: int | None = None,
        known: Known | None = None,
    ) -> "Scope":
        """A lead with the parsed replies and outcomes of earlier destinations, by their names.

        Without a `now` it is the moment at which the lead came in, so that what decides where it goes decides
        the same in every replay.

        Scopes of one lead that are given the same `known` read each typed field once between them.
        """
        return cls(
            lead.fields,
            lead.nested,
            lead=lead,
            appended=appended,
            outcomes=outcomes,
            destination=destination,
            delivery=delivery,
            price=price,
            bid=bid,
            now=lead.received_at if now is None else now,
            known=known,
        )

    def after_attempt(self, idempotency_key: str, reference: str) -> "Scope":
        """The same situation as a status request sees it."""
        known = replace(
            self.delivery or DeliveryContext(), idempotency_key=idempotency_key, reference=reference
        )
        return Scope(
            self.fields,
            self.nested,
            lead=self.lead,
            appended=self.appended,
            outcomes=self.outcomes,
            destination=self.destination,
            delivery=known,
            price=self.price,
            bid=self.bid,
            now=self.now,
            known=self.known,
        )

    def lookup(self, path: str, types: Types = NO_TYPES) -> Value:
        """The value at a dotted path, for tools; templates use `resolver`."""
        return resolver(tuple(path.split(".")), types)(self)


def field_of(segments: tuple[str, ...]) -> str:
    """The lead field that a path reads, or would read if the lead had it."""
    return segments[1] if segments[0] == "lead" and len(segments) > 1 else segments[0]


def resolver(segments: tuple[str, ...], types: Types = NO_TYPES) -> Read:
    """The quickest way to a path. `types` are the catalog's, by field name."""
    if segments[0] == "lead" and len(segments) > 1:
        return _lead_id if segments[1:] == ("id",) else _field(segments[1:], types, _nested(segments[1:]))
    return _field(segments, types, _beyond(segments))


def _field(segments: tuple[str, ...], types: Types, otherwise: Read) -> Read:
    name = segments[0]
    if name in types:
        return _typed_field(segments, types, otherwise)
    if len(segments) == 1:
        return _bare_field(name, otherwise)
    name = ".".join(segments)  # a source may well send a flat field with dots in its name

    def read(scope: Scope) -> Value:
        value = scope.fields.get(name)
        return value if value is not None else otherwise(scope)

    return read


def _bare_field(name: str, otherwise: Read) -> Read:
    def read(scope: Scope) -> Value:
        value = scope.fields.get(name)
        if value is None:
            return otherwise(scope)
        if value and not value.isspace():
            scope.values[name] = value
        return value

    return read


def _typed_field(segments: tuple[str, ...], types: Types, otherwise: Read) -> Read:
    name, parts = segments[0], segments[1:]
    parse, whole = types[name], ".".join(segments)

    def typed(scope: Scope) -> Typed | None:
        known = scope.known.typed.get(name)
        if known is None:
            raw = scope.fields.get(name)
            if raw is None:
                raw = _spelled(scope.nested.get(name)) if scope.nested else None
            if raw is None:
                return None
            known = scope.known.typed[name] = parse(raw)
        return known

    def read(scope: Scope) -> Value:
        value = scope.values.get(name)
        if value is not None:
            return value
        known = typed(scope)
        if known is None or not (known.valid or name in scope.fields):
            return otherwise(scope)  # as it came: 5 stays a number
        value = known.normal if known.valid else known.raw
        if is_plain(value):
            scope.values[name] = value
        return value

    def read_part(scope: Scope) -> Value:
        flat = scope.fields.get(whole)
        known = typed(scope) if flat is None else None
        if known is None:
            return flat if flat is not None else otherwise(scope)
        value = _part(known, parts, scope.now)
        return value if value is not None else otherwise(scope)  # as `source.name` beside a field `source`

    return read_part if parts else read


def _spelled(value: Value) -> str | None:
    """Nested data that a type can read: a text, number or boolean of its own, and no list or object."""
    return text(value) if isinstance(value, str | int | float | Decimal) else None


def _part(typed: Typed, parts: tuple[str, ...], now: int | None) -> Value:
    name = parts[0]
    if name in ("raw", "valid"):
        return walk(typed.raw if name == "raw" else typed.valid, parts[1:])
    if name == "normal":
        return walk(typed.normal, parts[1:]) if typed.valid else None
    return walk(typed.part(name, now), parts[1:])


def _nested(segments: tuple[str, ...]) -> Read:
    return lambda scope: walk(scope.nested, segments) if scope.nested else None


def _beyond(segments: tuple[str, ...]) -> Read:
    """Where a name leads that is no lead field."""
    own = _OWN.get(segments[0])
    rest = segments[1:]

    def read(scope: Scope) -> Value:
        if scope.nested and (value := _said(scope.nested, segments)) is not None:
            return value
        if own is not None:
            return own(scope, rest)
        return _earlier(scope, segments) if scope.outcomes or scope.appended else None

    return read


def _earlier(scope: Scope, segments: tuple[str, ...]) -> Value:
    """What an earlier destination said; its name may have dots, so the longest name wins."""
    for end in range(len(segments), 0, -1):
        name, rest = ".".join(segments[:end]), segments[end:]
        if name in scope.outcomes and len(rest) == 1 and rest[0] in _OF_OUTCOME:
            return _OF_OUTCOME[rest[0]](scope.outcomes[name])
        if name in scope.appended:
            return _said(scope.appended[name], rest)
    return None


def _said(reply: Any, rest: tuple[str, ...]) -> Value:
    """A place in an earlier reply; an element of XML is its text there, whatever its attributes."""
    return leaf(walk(reply, rest))


_OF_OUTCOME: dict[str, Callable[[Outcome], Value]] = {
    "outcome": lambda outcome: outcome.kind.value,
    "reason": lambda outcome: outcome.words or (outcome.code.value if outcome.code else None),
    "code": lambda outcome: outcome.code.value if outcome.code else None,
    "price": lambda outcome: outcome.price,
    "currency": lambda outcome: outcome.currency or None,
    "reference": lambda outcome: outcome.reference or None,
}


def _lead_id(scope: Scope) -> Value:
    return scope.lead.id if scope.lead else None


def _named(name: str, rest: tuple[str, ...]) -> Value:
    """`source` and `source.name` are the same thing."""
    return name or None if rest in ((), ("name",)) else None


def _appended(scope: Scope, rest: tuple[str, ...]) -> Value:
    """What is kept of a reply; where it has no such member, the outcome's own, such as its `price`."""
    for end in range(len(rest), 0, -1):
        name = ".".join(rest[:end])
        if name in scope.appended:
            said = _said(scope.appended[name], rest[end:])
            return said if said is not None else _earlier(scope, rest)
    return _earlier(scope, rest) if rest else dict(scope.appended) or None


def _submission(scope: Scope, rest: tuple[str, ...]) -> Value:
    lead = scope.lead
    if lead is None:
        return None
    if rest == ("timestamp",):
        at = lead.received_at if lead.submitted_at is None else lead.submitted_at
        return _EPOCH + timedelta(microseconds=at // 1000)
    return lead.ip or None if rest == ("ip",) else None


def _delivery(scope: Scope, rest: tuple[str, ...]) -> Value:
    if scope.delivery is None:
        return None
    if rest not in _OF_DELIVERY:
        return None
    return getattr(scope.delivery, rest[0]) or None


_OF_BID: dict[str, Callable[[Bid], Value]] = {
    "price": lambda bid: bid.price,
    "currency": lambda bid: bid.currency or None,
    "reference": lambda bid: bid.reference or None,
}


def _bid(scope: Scope, rest: tuple[str, ...]) -> Value:
    if scope.bid is None or len(rest) != 1 or rest[0] not in _OF_BID:
        return None
    return _OF_BID[rest[0]](scope.bid)


_OWN: dict[str, Callable[[Scope, tuple[str, ...]], Value]] = {
    "appended": _appended,
    "submission": _submission,
    "source": lambda scope, rest: _named(scope.lead.source, rest) if scope.lead else None,
    "flow": lambda scope, rest: _named(scope.lead.flow, rest) if scope.lead else None,
    "destination": lambda scope, rest: _named(scope.destination, rest),
    "delivery": _delivery,
    "random": lambda scope, rest: scope.lead.random if scope.lead and not rest else None,
    "price": lambda scope, rest: None if rest else scope.price,
    "bid": _bid,
}
OWN_WORDS = frozenset(_OWN) | {"lead"}

# What an own word has behind its dot, where that is all it has; `appended` has what recipients answer.
MEMBERS: Mapping[str, frozenset[str]] = {
    "submission": frozenset({"timestamp", "ip"}),
    "source": frozenset({"name"}),
    "flow": frozenset({"name"}),
    "destination": frozenset({"name"}),
    "delivery": frozenset(name for (name,) in _OF_DELIVERY),
    "random": frozenset(),
    "price": frozenset(),
    "bid": frozenset(_OF_BID),
}
OF_OUTCOME = frozenset(_OF_OUTCOME)  # what every destination that was tried has, whatever it answered
