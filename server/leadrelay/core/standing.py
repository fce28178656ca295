"""Where a lead stands, read from its facts: what recovery goes on from and what a caller may ask for.

Recovery is not a second code path (design 2.1): it reads the standing and hands it to the same
courier that would have gone on without the crash.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from leadrelay.core.facts import (
    AttemptEnded,
    AttemptStarted,
    DeliveryEnded,
    DeliveryParked,
    Entry,
    LeadCancelled,
    LeadParked,
    LeadReceived,
    LeadSettled,
)
from leadrelay.core.lead import Lead
from leadrelay.core.outcome import Outcome


@dataclass(slots=True, kw_only=True)
class Tried:
    """What is known of one delivery."""

    destination: str
    made: int = 0  # attempts that were started
    last: Outcome | None = None  # of the newest ended attempt; None: none has ended
    is_open: bool = False  # the newest attempt was started and has no end
    due_at: int | None = None  # parked until then
    final: Outcome | None = None  # the delivery's own


@dataclass(slots=True, kw_only=True)
class Standing:
    """A lead after its facts so far."""

    lead: Lead
    digest: str = ""
    deliveries: dict[str, Tried] = field(default_factory=dict)  # by delivery, in order of appearance
    settled: LeadSettled | None = None
    cancelled: LeadCancelled | None = None
    last_number: int = 0

    @property
    def answers(self) -> dict[str, Outcome]:
        """The final outcomes by delivery, as `plan` wants them."""
        return {name: tried.final for name, tried in self.deliveries.items() if tried.final is not None}

    def _tried(self, delivery: str, destination: str) -> Tried:
        return self.deliveries.setdefault(delivery, Tried(destination=destination))

    def add(self, entry: Entry) -> None:
        """Take one more fact, in order of number."""
        self.last_number = entry.number
        match entry.fact:
            case LeadReceived() | LeadParked():
                pass
            case AttemptStarted() as fact:
                tried = self._tried(fact.delivery, fact.destination)
                tried.made, tried.is_open, tried.due_at = fact.attempt, True, None
            case AttemptEnded() as fact:
                tried = self._tried(fact.delivery, fact.destination)
                tried.last, tried.is_open = fact.outcome, False
            case DeliveryParked() as fact:
                self._tried(fact.delivery, fact.destination).due_at = fact.due_at
            case DeliveryEnded() as fact:
                tried = self._tried(fact.delivery, fact.destination)
                tried.final, tried.is_open, tried.due_at = fact.outcome, False, None
            case LeadSettled() as fact:
                self.settled = fact
            case LeadCancelled() as fact:
                self.cancelled = fact


def standing(entries: Iterable[Entry]) -> Standing | None:
    """The standing after these entries, from the first on; None where there are none.

    Raises ValueError when they do not begin with LeadReceived.
    """
    rows = iter(entries)
    first = next(rows, None)
    if first is None:
        return None
    if not isinstance(first.fact, LeadReceived):
        raise ValueError(f"lead {first.lead_id}: its facts begin with {type(first.fact).__name__}")
    state = Standing(lead=first.fact.lead, digest=first.fact.digest, last_number=first.number)
    for entry in rows:
        state.add(entry)
    return state
