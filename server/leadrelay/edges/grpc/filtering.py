"""Which leads a caller means, and which page of them: checked, and in the words of the journal."""

from collections.abc import Iterator
from typing import Final, Literal

from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.unknown_fields import UnknownFieldSet

from leadrelay.edges.grpc import convert
from leadrelay.edges.grpc.submission import MAX_FLOW, Violation
from leadrelay.journal.books import NEVER_ENDS
from leadrelay.journal.rows import key
from leadrelay.journal.store import LeadFilter
from leadrelay.v1 import delivery_service_pb2 as pb
from leadrelay.v1.analytics_service_pb2 import SummarizeRequest

USUAL_PAGE: Final = 100
MAX_PAGE: Final = 1_000
MAX_LEADS: Final = 1_000  # that one filter names
LATEST: Final = 253_402_300_800  # seconds since the epoch: the year 10000

Windowed = pb.LeadFilter | SummarizeRequest

_RESULTS: Final = {number: result.value for result, number in convert.RESULTS.items()}
_KINDS: Final = {number: kind.value for kind, number in convert.KINDS.items()}


def read_filter(message: pb.LeadFilter) -> LeadFilter:
    """The filter of a message without violations."""
    return LeadFilter(
        leads=tuple(map(key, message.lead_ids)),
        flow=message.flow,
        source=message.source,
        result=_RESULTS.get(message.result, ""),
        destination=message.destination,
        outcome=_KINDS.get(message.outcome, ""),
        is_open=message.open,
        since=moment_of(message, "since"),
        until=moment_of(message, "until"),
    )


def filter_violations(message: pb.LeadFilter) -> Iterator[Violation]:
    """What is wrong with a filter, each with its place."""
    if len(
        UnknownFieldSet(message)
    ):  # of a newer client; without it, more leads would be meant than it means
        yield "filter", "has a condition that this server does not know"
    if len(message.lead_ids) > MAX_LEADS:
        yield "filter.lead_ids", f"names {len(message.lead_ids)} leads; at most {MAX_LEADS} are taken"
    elif wrong := next((lead_id for lead_id in message.lead_ids if not is_lead_id(lead_id)), None):
        yield "filter.lead_ids", f"{wrong[:64]!r} is no lead id"
    for name in ("flow", "destination", "source"):
        if len(getattr(message, name)) > 2 * MAX_FLOW:
            yield f"filter.{name}", f"is longer than {2 * MAX_FLOW} characters"
    if message.result and message.result not in _RESULTS:
        yield "filter.result", f"this server knows no value {message.result}"
    if message.outcome and message.outcome not in _KINDS:
        yield "filter.outcome", f"this server knows no value {message.outcome}"
    if message.open and message.result:
        yield "filter.open", "holds for no lead that has a `result`"
    yield from window_violations(message, "filter.")


def window_violations(message: Windowed, place: str = "") -> Iterator[Violation]:
    """What is wrong with `since` and `until`."""
    name: Literal["since", "until"]
    for name in ("since", "until"):
        at: Timestamp = getattr(message, name)
        if message.HasField(name) and not (0 <= at.seconds < LATEST and 0 <= at.nanos < 1_000_000_000):
            yield f"{place}{name}", "is no moment from 1970 to 9999"
            return
    is_window = message.HasField("since") and message.HasField("until")
    if is_window and message.since.ToNanoseconds() >= message.until.ToNanoseconds():
        yield f"{place}until", "is not after `since`: nothing can be in between"


def page_violations(size: int, token: str) -> Iterator[Violation]:
    if size > MAX_PAGE:
        yield "page_size", f"is {size}; at most {MAX_PAGE} are given"
    if token and not is_lead_id(token):
        yield "page_token", "is none that this server gave"


def is_lead_id(text: str) -> bool:
    try:
        key(text)
    except ValueError:
        return False
    return True


def moment_of(message: Windowed, name: Literal["since", "until"]) -> int | None:
    """Nanoseconds since the epoch; what lies beyond all that a journal can hold is its end."""
    at: Timestamp = getattr(message, name)
    return min(at.ToNanoseconds(), NEVER_ENDS) if message.HasField(name) else None
