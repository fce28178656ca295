"""What a destination decided about a lead.

An outcome is a value and never an exception: a buyer who says no is an
ordinary event. Exceptions are for promises broken on our side of the wire.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """The six words for an answer (behaviour 6)."""

    SUCCESS = "success"
    HARD_REJECT = "hard_reject"
    SOFT_REJECT = "soft_reject"
    SYSTEM_ERROR = "system_error"
    TIMEOUT = "timeout"
    SKIPPED = "skipped"


class Arrived(StrEnum):
    """Whether the recipient may have the lead (behaviour 4.5)."""

    YES = "yes"  # it answered
    NO = "no"  # no byte of the request left
    UNKNOWN = "unknown"  # something left and nothing readable came back


class ReasonCode(StrEnum):
    """Why: a closed list that only grows, the same names as in the protos (behaviour 6)."""

    # What recipients say.
    DUPLICATE = "duplicate"
    OUT_OF_AREA = "out_of_area"
    CAP_EXCEEDED = "cap_exceeded"
    INVALID_DATA = "invalid_data"
    PRICE = "price"
    HOURS = "hours"
    CONSENT = "consent"
    UNAVAILABLE = "unavailable"
    UNAUTHORIZED = "unauthorized"
    NOT_ELIGIBLE = "not_eligible"
    # What happens on the way.
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    RESET = "reset"
    TIMEOUT_CONNECT = "timeout_connect"
    TIMEOUT_RESPONSE = "timeout_response"
    TIMEOUT_TOTAL = "timeout_total"
    PROTOCOL = "protocol"
    RESPONSE_TOO_LARGE = "response_too_large"
    MAPPING_REQUIRED = "mapping_required"
    MAPPING_INVALID = "mapping_invalid"
    AUTH = "auth"
    BREAKER_OPEN = "breaker_open"
    CANCELLED = "cancelled"
    SSRF_BLOCKED = "ssrf_blocked"
    INTERRUPTED = "interrupted"
    QUEUE_FULL = "queue_full"
    LOOP = "loop"
    # Why a destination was not tried.
    CONDITION_FALSE = "condition_false"
    ALREADY_SOLD = "already_sold"
    FILTERED = "filtered"
    CAP_FULL = "cap_full"
    CLOSED = "closed"
    AUCTION_LOST = "auction_lost"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The answer to one attempt, or to a whole delivery, in our words rather than the recipient's."""

    kind: Kind
    code: ReasonCode | None = None
    words: str = ""  # the recipient's own, for people
    arrived: Arrived = Arrived.YES
    price: Decimal | None = None  # None: the recipient named none; 0 is a price
    currency: str = ""  # ISO 4217
    reference: str = ""  # the recipient's own number, which support calls quote
    next_attempt_at: int | None = None  # ns since the epoch
    appended: Mapping[str, Any] | None = None  # the parsed reply, or what was captured of it

    @property
    def accepted(self) -> bool:
        return self.kind is Kind.SUCCESS

    @property
    def is_unresolved(self) -> bool:
        """The recipient may have the lead and nobody can say."""
        return self.arrived is Arrived.UNKNOWN and self.kind in (Kind.SYSTEM_ERROR, Kind.TIMEOUT)

    @property
    def may_resend(self) -> bool:
        """Only a lead that certainly did not arrive is safe to send again."""
        return self.arrived is Arrived.NO


def skipped(code: ReasonCode, words: str) -> Outcome:
    """Not tried, and why."""
    return Outcome(kind=Kind.SKIPPED, code=code, words=words, arrived=Arrived.NO)


class Result(StrEnum):
    """What the source is told about the whole lead (behaviour 5)."""

    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An exact amount; an empty currency means that none was named."""

    amount: Decimal
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bid:
    """What a recipient offers in an auction, for a lead that it does not have yet."""

    price: Decimal
    currency: str = ""  # empty: neither it nor the auction named one
    reference: str = ""  # the recipient's own number, by which it knows the lead again
