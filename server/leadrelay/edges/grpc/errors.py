"""Our refusals as google.rpc statuses, each with the details a program can act on (behaviour 8)."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo  # type: ignore[import-untyped]

from leadrelay.edges.grpc.bridge import Abort
from leadrelay.edges.grpc.bridge.status import DOMAIN
from leadrelay.v1.delivery_service_pb2 import Refusal

NOTHING: Final = "nothing was accepted"
REVOKED: Final = "CALLER_REVOKED"
SOON: Final = 1.0  # seconds


def as_refusal(abort: Abort) -> Refusal:
    """One answer among others on a stream, in place of the error that would end it."""
    refusal = Refusal(code=abort.code.value[0], message=abort.message)
    for detail in abort.details:
        refusal.details.add().Pack(detail)
    return refusal


def unknown_flow(name: str, known: Iterable[str]) -> Abort:
    """NOT_FOUND, with the nearest name or all there are."""
    return _unknown("flow", name, known)


def unknown_destination(name: str, known: Iterable[str]) -> Abort:
    """NOT_FOUND, with the nearest name or all there are."""
    return _unknown("destination", name, known)


def unknown_lead(key: str) -> Abort:
    words = f"no lead {key[:128]!r} was ever accepted here"
    return _abort(grpc.StatusCode.NOT_FOUND, words, "LEAD_NOT_FOUND")


def unknown_delivery(name: str, known: Iterable[str]) -> Abort:
    """NOT_FOUND, with the deliveries that the lead has."""
    there = ", ".join(sorted(known)[:20]) or "none yet"
    words = f"the lead has no delivery {name[:128]!r}; it has {there}"
    return _abort(grpc.StatusCode.NOT_FOUND, words, "DELIVERY_NOT_FOUND")


def unknown_catalog(version: int, current: int) -> Abort:
    words = f"there is no catalog of version {version}; the one in force is {current}"
    return _abort(grpc.StatusCode.NOT_FOUND, words, "CATALOG_NOT_FOUND")


def unknown_entries(words: str) -> Abort:
    """NOT_FOUND: the catalog in force has none of these."""
    message = f"the catalog has no {words}; nothing was changed"
    return _abort(grpc.StatusCode.NOT_FOUND, message, "ENTRY_NOT_FOUND")


def conflict(lead_id: str) -> Abort:
    """ALREADY_EXISTS: the request id stands for another lead."""
    words = f"the request id was used for lead {lead_id}, which has other content; use a new one"
    return _abort(grpc.StatusCode.ALREADY_EXISTS, words, "REQUEST_ID_CONFLICT", lead_id=lead_id)


def unknown_secret(name: str, elsewhere: Iterable[str]) -> Abort:
    """NOT_FOUND, with the places where the name does lie and we change nothing."""
    places = " and ".join(elsewhere)
    hint = f"; it is in {places}, which is not the server's to change" if places else ""
    words = f"there is no secret {name} in the server's store{hint}"
    return _abort(grpc.StatusCode.NOT_FOUND, words, "SECRET_NOT_FOUND")


def secret_in_use(name: str, destinations: list[str]) -> Abort:
    """FAILED_PRECONDITION, with the destinations of the catalog in force that refer to it."""
    shown = [*destinations[:20], *([f"{len(destinations) - 20} more"] if len(destinations) > 20 else [])]
    words = f"the secret {name} is in use by {', '.join(shown)}; apply a catalog that does without it first"
    return _abort(grpc.StatusCode.FAILED_PRECONDITION, words, "SECRET_IN_USE", destinations=",".join(shown))


def precondition(words: str, reason: str) -> Abort:
    """FAILED_PRECONDITION: something else has to be changed first, and the words say what."""
    return _abort(grpc.StatusCode.FAILED_PRECONDITION, words, reason)


def unauthenticated(words: str) -> Abort:
    """UNAUTHENTICATED: nobody knows who calls."""
    return _abort(grpc.StatusCode.UNAUTHENTICATED, words, "UNAUTHENTICATED")


def let_in_no_longer() -> Abort:
    """UNAUTHENTICATED in the middle of a call: it says nothing of what the call has done by then."""
    words = "this caller is let in no longer: its key was taken away, or its time is over"
    return _abort(grpc.StatusCode.UNAUTHENTICATED, f"{words}; what was accepted goes on", REVOKED)


def scope_changed(name: str) -> Abort:
    """UNAVAILABLE: whoever calls again is judged anew."""
    words = f"what {name} may do was changed; call again (what was accepted goes on)"
    return unavailable(words, "SCOPE_CHANGED", SOON)


def out_of_scope(words: str) -> Abort:
    """PERMISSION_DENIED: the caller is known, and may do other things."""
    return _abort(grpc.StatusCode.PERMISSION_DENIED, words, "OUT_OF_SCOPE")


def overloaded(words: str, retry_after: float) -> Abort:
    """RESOURCE_EXHAUSTED; nothing was accepted."""
    code = grpc.StatusCode.RESOURCE_EXHAUSTED
    return _later(code, f"{words}; {NOTHING}", "OVERLOADED", retry_after)


def draining(words: str, retry_after: float) -> Abort:
    """UNAVAILABLE; nothing was accepted."""
    return unavailable(f"{words}; {NOTHING}", "DRAINING", retry_after)


def journal_failed(error: Exception, consequence: str) -> Abort:
    """UNAVAILABLE: the journal could not be read or written, and what that means for the caller."""
    return unavailable(f"{error}; {consequence}", "JOURNAL_UNAVAILABLE", SOON)


def not_taken_up(lead_id: str) -> Abort:
    """UNAVAILABLE: the lead is open and could not be taken up, of which the log knows more."""
    words = f"lead {lead_id} is open and cannot be taken up; nothing was changed, and the log says why"
    return unavailable(words, "NOT_TAKEN_UP", SOON)


def unavailable(words: str, reason: str, retry_after: float) -> Abort:
    """UNAVAILABLE; the words say what was and what was not done."""
    return _later(grpc.StatusCode.UNAVAILABLE, words, reason, retry_after)


def internal() -> Abort:
    """INTERNAL: a defect of ours, of which the log knows more."""
    return Abort(grpc.StatusCode.INTERNAL, "internal error")


def _unknown(kind: str, name: str, known: Iterable[str]) -> Abort:
    name, names = name[:128], sorted(known)
    near = get_close_matches(name, names, n=1)
    if near:
        hint = f"did you mean {near[0]!r}?"
    elif names:
        hint = f"the catalog has {', '.join(names[:20])}"
    else:
        hint = "there is none to use; a catalog is applied with `leadrelay apply -f PATH`"
    return _abort(grpc.StatusCode.NOT_FOUND, f"no {kind} {name!r}: {hint}", f"{kind.upper()}_NOT_FOUND")


def _later(code: grpc.StatusCode, words: str, reason: str, retry_after: float) -> Abort:
    delay = RetryInfo(retry_delay=Duration(nanos=round(retry_after % 1 * 1e9), seconds=int(retry_after)))
    return Abort(code, words, ErrorInfo(reason=reason, domain=DOMAIN), delay)


def _abort(code: grpc.StatusCode, words: str, reason: str, **facts: str) -> Abort:
    return Abort(code, words, ErrorInfo(reason=reason, domain=DOMAIN, metadata=facts))
