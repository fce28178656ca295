"""What a recipient's answer to a status request says of an attempt that may have arrived (behaviour 4.5)."""

from dataclasses import replace
from typing import Final

from leadrelay.core.destination import Destination, StatusRequest
from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import Arrived, Kind, Outcome
from leadrelay.core.retry import Backoff

PATIENCE: Final = Backoff(attempts=3, first_delay=2.0)  # unless the catalog says otherwise
DECIDED: Final = (Kind.SUCCESS, Kind.HARD_REJECT)


def enquired_at(destination: Destination) -> Destination | None:
    """The destination as it is asked what became of a lead; None where it is not."""
    if destination.ask is None:
        return None
    return replace(destination, protocol=destination.ask.request, endpoints=None, batch=None)


def enlightened(ask: StatusRequest, before: Outcome, reply: Reply) -> Outcome:
    """The outcome of the attempt after the recipient was asked; `before` is what was known until then."""
    if ask.not_known.read(reply).accepted:
        words = f"the recipient does not know the lead ({before.words or before.code or before.kind})"
        return replace(before, arrived=Arrived.NO, words=words)
    said = ask.reading.read(reply)
    if said.kind in DECIDED and said.arrived is Arrived.YES:
        return said
    return still_unknown(before, said.words)


def still_unknown(before: Outcome, why: str) -> Outcome:
    """Asking brought nothing that can be relied on."""
    known = before.words.partition("; asked what became of it: ")[0]
    return replace(before, words=f"{known}; asked what became of it: {why}", next_attempt_at=None)
