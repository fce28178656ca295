"""What a live delivery and its preview have in common, so that neither can drift from the other.

What goes round a payload, what keeps a lead from being sent, and what must not be recorded of it.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import Envelope
from leadrelay.core.lead import Lead
from leadrelay.core.mapping import Mapped
from leadrelay.core.masking import Texts, hide_cut, hide_within, is_sensitive, spellings, texts_in
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode
from leadrelay.core.trace import traceparent_for_attempt


def envelope_for(lead: Lead, delivery: str, attempt: int) -> Envelope:
    """What goes round the payload of one attempt (behaviour 4.4)."""
    return Envelope(
        idempotency_key=idempotency_key(lead, delivery),
        traceparent=traceparent_for_attempt(lead, delivery, attempt),
        tracestate=lead.trace.state,
    )


def idempotency_key(lead: Lead, delivery: str) -> str:
    """The same for all attempts; templates know it as `delivery.idempotency_key`."""
    return f"{lead.id}-{delivery}"


def unmapped(mapped: Mapped) -> Outcome | None:
    """Why the mapping gave nothing that may be sent; None where it did (behaviour 3.3)."""
    if mapped.missing:
        words = f"required and missing: {', '.join(mapped.missing)}"
        return not_sent(NotSent(ReasonCode.MAPPING_REQUIRED, words))
    if mapped.problems:
        return not_sent(NotSent(ReasonCode.MAPPING_INVALID, "; ".join(mapped.problems)))
    return None


def not_sent(error: NotSent) -> Outcome:
    """Nothing began: no slot, or no valid request."""
    return Outcome(kind=Kind.SYSTEM_ERROR, code=error.code, words=error.words, arrived=Arrived.NO)


def hidden_texts(lead: Lead, sensitive: Collection[str]) -> Texts:
    """What must not be recorded, of what is sent or comes back: the longest first."""
    return spellings(_sensitive_values(lead, sensitive))


def without(hidden: Texts, outcome: Outcome) -> Outcome:
    """The outcome without sensitive values and secrets that a recipient echoed."""
    if not hidden:
        return outcome
    words, reference = hide_cut(outcome.words, hidden), hide_cut(outcome.reference, hidden)
    appended = None if outcome.appended is None else hide_within(outcome.appended, hidden)
    if words == outcome.words and reference == outcome.reference and appended == outcome.appended:
        return outcome
    return replace(outcome, words=words, reference=reference, appended=appended)


def _sensitive_values(lead: Lead, sensitive: Collection[str]) -> Iterator[str]:
    for name, value in lead.fields.items():
        if is_sensitive(name, sensitive):
            yield value
    if lead.nested:
        yield from _nested_values(lead.nested, sensitive)


def _nested_values(data: Any, sensitive: Collection[str]) -> Iterator[str]:
    """What stands under the name of a sensitive field, however deep."""
    if isinstance(data, Mapping):
        for name, item in data.items():
            yield from texts_in(item) if is_sensitive(name, sensitive) else _nested_values(item, sensitive)
    elif isinstance(data, list | tuple):
        for item in data:
            yield from _nested_values(item, sensitive)
