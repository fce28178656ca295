"""From a `ResolveRequest` to the outcome that it says, checked as a whole."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from leadrelay.core.outcome import Kind, Outcome
from leadrelay.core.reading.currencies import CURRENCIES
from leadrelay.core.resolving import MAY_BE, said
from leadrelay.edges.grpc import convert
from leadrelay.edges.grpc.submission import Violation, has_control_characters, refuse
from leadrelay.v1 import delivery_service_pb2 as pb
from leadrelay.v1 import outcome_pb2

MAX_TEXT: Final = 256  # characters of a reason, and of a reference
MAX_DIGITS: Final = 20
WITHOUT_ANY: Final = "somebody said so"

_KINDS: Final = {convert.KINDS[kind]: kind for kind in MAY_BE}
_AMOUNT: Final = re.compile(r"[0-9]+(\.[0-9]+)?")


def read_resolution(request: pb.ResolveRequest) -> Outcome:
    """What became of the delivery. Aborts with INVALID_ARGUMENT and a violation for each thing wrong."""
    if violations := list(_violations(request)):
        raise refuse("nothing was resolved", violations)
    price = request.price if request.HasField("price") else None
    return said(
        _KINDS[request.outcome],
        request.reason or WITHOUT_ANY,
        price=None if price is None else Decimal(price.amount),
        currency="" if price is None else price.currency,
        reference=request.reference,
    )


def _violations(request: pb.ResolveRequest) -> Iterator[Violation]:
    if not request.lead_id:
        yield "lead_id", "name the lead"
    if not request.delivery:
        yield "delivery", "name the delivery, as events do"
    kind = _KINDS.get(request.outcome)
    if kind is None:
        yield "outcome", f"say one of {', '.join(MAY_BE)}"
    for name in ("reason", "reference"):
        value = getattr(request, name)
        if len(value) > MAX_TEXT or has_control_characters(value):
            yield name, f"is longer than {MAX_TEXT} characters, or contains control characters"
    if request.HasField("price"):
        if kind is not None and kind is not Kind.SUCCESS:
            yield "price", f"a {kind} has none"
        yield from _money_violations(request.price)


def _money_violations(price: outcome_pb2.Money) -> Iterator[Violation]:
    if len(price.amount) > MAX_DIGITS or not _AMOUNT.fullmatch(price.amount):
        yield "price.amount", f"is no amount such as 12.50, of at most {MAX_DIGITS} characters"
    if price.currency and price.currency not in CURRENCIES:
        yield "price.currency", "is no ISO 4217 code such as USD"
