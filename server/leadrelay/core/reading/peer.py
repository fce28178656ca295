"""What another leadrelay says of a lead, as the outcome of our delivery to it (behaviour 4.1).

A peer that took the lead answers with what the lead settled in there, and one that did not with the status
of its refusal. Both are JSON by the time they come here: `adapters.direct` writes it from events.

The peer has tried by itself what was worth another try, and who asks again with the same id hears the same.
So an `error` there is a technical error here, which is not retried, and never a soft reject.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import orjson

from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode, Result
from leadrelay.core.reading.explaining import TriedRule
from leadrelay.core.reading.status import by_status
from leadrelay.core.values import Problem

MAX_WORDS: Final = 256  # characters
MAX_APPENDED: Final = 64 * 1024  # bytes; a larger answer is kept without what the peer's recipients said
TAKEN: Final = "leadrelay-lead-taken"  # a header of ours: it refused this call and may have taken an earlier

_NO_TALK: Mapping[str, Any] = {}

_KINDS = {
    Result.SUCCESS: Kind.SUCCESS,
    Result.FAILURE: Kind.HARD_REJECT,
    Result.ERROR: Kind.SYSTEM_ERROR,
    Result.UNRESOLVED: Kind.SYSTEM_ERROR,
}

# Which of the peer's deliveries say why, in the order in which they are asked.
_DECISIVE: dict[Result, tuple[Kind, ...]] = {
    Result.SUCCESS: (),
    Result.FAILURE: (Kind.HARD_REJECT, Kind.SKIPPED),
    Result.ERROR: (Kind.SYSTEM_ERROR, Kind.TIMEOUT, Kind.SOFT_REJECT, Kind.SKIPPED),
    Result.UNRESOLVED: (Kind.SYSTEM_ERROR, Kind.TIMEOUT),
}

# Why the peer did not try a destination, as a word for why the peer did not want the lead.
_SAID_OF_US = {
    ReasonCode.CONDITION_FALSE: ReasonCode.NOT_ELIGIBLE,
    ReasonCode.FILTERED: ReasonCode.NOT_ELIGIBLE,
    ReasonCode.CAP_FULL: ReasonCode.CAP_EXCEEDED,
    ReasonCode.CLOSED: ReasonCode.HOURS,
    ReasonCode.AUCTION_LOST: ReasonCode.PRICE,
    ReasonCode.BREAKER_OPEN: ReasonCode.UNAVAILABLE,
    ReasonCode.QUEUE_FULL: ReasonCode.UNAVAILABLE,
}

# By the name of a gRPC status, where it says that the lead was not taken.
_REFUSALS = {
    "INVALID_ARGUMENT": (Kind.HARD_REJECT, ReasonCode.INVALID_DATA),
    "NOT_FOUND": (Kind.SYSTEM_ERROR, ReasonCode.OTHER),
    "RESOURCE_EXHAUSTED": (Kind.SOFT_REJECT, ReasonCode.UNAVAILABLE),
    "UNAVAILABLE": (Kind.SOFT_REJECT, ReasonCode.UNAVAILABLE),
    "UNAUTHENTICATED": (Kind.SYSTEM_ERROR, ReasonCode.UNAUTHORIZED),
    "PERMISSION_DENIED": (Kind.SYSTEM_ERROR, ReasonCode.UNAUTHORIZED),
    "UNIMPLEMENTED": (Kind.SYSTEM_ERROR, ReasonCode.PROTOCOL),
}


@dataclass(frozen=True, slots=True)
class PeerReading:
    """Reads the replies of one peer; there is nothing to set."""

    warnings: tuple[Problem, ...] = ()

    def read(self, reply: Reply) -> Outcome:
        """What the reply means. Never raises."""
        said = _parsed(reply.body)
        if "result" in said:
            return _settled(said, len(reply.body))
        return _refused(said, reply)

    def explain(self, reply: Reply) -> tuple[TriedRule, ...]:
        """There are no rules: a peer says itself what became of the lead."""
        outcome = self.read(reply)
        return (TriedRule(number=0, kind=outcome.kind, matched=True, why="the peer says so"),)


def _settled(said: Mapping[str, Any], size: int) -> Outcome:
    try:
        result = Result(said["result"])
    except ValueError:
        words = "the peer's lead has settled in a way that this version does not know"
        return Outcome(kind=Kind.SYSTEM_ERROR, code=ReasonCode.PROTOCOL, words=words, arrived=Arrived.UNKNOWN)
    price, currency = _price(said) if result is Result.SUCCESS else (None, "")
    return Outcome(
        kind=_KINDS[result],
        code=_code(result, said),
        words=_line(said.get("reason")),
        arrived=Arrived.UNKNOWN if result is Result.UNRESOLVED else Arrived.YES,
        price=price,
        currency=currency,
        reference=_line(said.get("lead_id")),
        appended=said if size <= MAX_APPENDED else _without_talk(said),
    )


def _code(result: Result, said: Mapping[str, Any]) -> ReasonCode | None:
    deliveries = [each for each in _object(said, "deliveries").values() if isinstance(each, Mapping)]
    for kind in _DECISIVE[result]:
        codes = [each.get("code") for each in deliveries if each.get("outcome") == kind]
        if codes:
            return _known(codes[-1])
    return None if result is Result.SUCCESS else ReasonCode.OTHER


def _known(code: object) -> ReasonCode:
    """A newer peer may have words that this version lacks."""
    try:
        found = ReasonCode(code)  # type: ignore[arg-type]
    except ValueError:
        return ReasonCode.OTHER
    return _SAID_OF_US.get(found, found)


def _price(said: Mapping[str, Any]) -> tuple[Decimal | None, str]:
    """The peer's revenue; amounts in several currencies are no price and stand in `appended` only."""
    revenue = said.get("revenue")
    if not isinstance(revenue, list) or len(revenue) != 1 or not isinstance(revenue[0], Mapping):
        return None, ""
    try:
        amount = Decimal(str(revenue[0].get("amount")))
    except InvalidOperation:
        return None, ""
    return (amount, _line(revenue[0].get("currency"))) if amount.is_finite() else (None, "")


def _refused(said: Mapping[str, Any], reply: Reply) -> Outcome:
    error = _object(said, "error")
    status = error.get("status")
    words = _line(error.get("message")) or f"the peer answered with status {status or reply.status}"
    if reply.header(TAKEN) is not None or status == "ALREADY_EXISTS":
        words = f"the peer may have the lead, and then refused to say what became of it: {words}"
        return Outcome(kind=Kind.SYSTEM_ERROR, code=ReasonCode.PROTOCOL, words=words, arrived=Arrived.UNKNOWN)
    if status in _REFUSALS:
        kind, code = _REFUSALS[status]
        return Outcome(kind=kind, code=code, words=words)
    kind, by_number = by_status(reply.status)
    if kind is Kind.SUCCESS:  # it says that it is fine and not what became of the lead
        return Outcome(kind=Kind.SYSTEM_ERROR, code=ReasonCode.PROTOCOL, words=words, arrived=Arrived.UNKNOWN)
    return Outcome(kind=kind, code=by_number or ReasonCode.OTHER, words=words)


def _without_talk(said: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in said.items() if name != "deliveries"}


def _object(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = said.get(name)
    return found if isinstance(found, Mapping) else _NO_TALK


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _NO_TALK
    return said if isinstance(said, dict) else _NO_TALK


def _line(value: object) -> str:
    """A text as one bounded line."""
    words = " ".join(value[: 4 * MAX_WORDS].split()) if isinstance(value, str) else ""
    return words if len(words) <= MAX_WORDS else words[: MAX_WORDS - 1] + "…"
