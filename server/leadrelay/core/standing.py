"""Where a lead stands, read from its facts: what recovery goes on from and what a caller may ask for.

Recovery is not a second code path (design 2.1): it reads the standing and hands it to the same
courier that would have gone on without the crash.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from leadrelay.core.facts import (
    AttemptEnded,
    AttemptStarted,
    DeliveryAsked,
    DeliveryEnded,
    DeliveryParked,
    DeliveryResolved,
    Entry,
    LeadCancelled,
    LeadParked,
    LeadReceived,
    LeadSettled,
)
from leadrelay.core.lead import Lead
from leadrelay.core.outcome import Arrived, Kind, Money, Outcome, ReasonCode
from leadrelay.core.settlement import earned
from leadrelay.core.walk import ALL_IN_TIME, Late


@dataclass(slots=True, kw_only=True)
class Tried:
    """What is known of one delivery."""

    destination: str
    made: int = 0  # attempts that were started
    last: Outcome | None = None  # of the newest ended attempt; None: none has ended
    is_open: bool = False  # the newest attempt was started and has no end
    asked: int = 0  # how often the recipient was asked what became of the newest attempt
    heard_at: int = 0  # when that ended, or the recipient was asked last; ns since the epoch
    doubt: Outcome | None = None  # of an attempt that may have arrived, until the recipient says what it did
    due_at: int | None = None  # parked until then
    waits_for: str = ""  # the cap that is full, where that is why
    final: Outcome | None = None  # the delivery's own
    is_ping: bool = False  # it asked for a price
    at_first: Outcome | None = None  # the unresolved one that it ended with; None: it was not resolved

    @property
    def is_unresolved(self) -> bool:
        """The recipient may have the lead, and nobody has said so. A ping sells nothing."""
        return self.final is not None and self.final.is_unresolved and not self.is_ping

    def heard(self, outcome: Outcome) -> Outcome:
        """An attempt's outcome in the light of those before; kept as the last (behaviour 4.5).

        Who calls a lead that may have arrived before a duplicate has accepted it then.
        """
        if self.doubt is not None and outcome.code is ReasonCode.DUPLICATE and outcome.arrived is Arrived.YES:
            outcome = replace(outcome, kind=Kind.SUCCESS)
        if outcome.is_unresolved:
            self.doubt = outcome
        elif _decides(outcome):
            self.doubt = None
        self.last = outcome
        return outcome

    def told(self, outcome: Outcome) -> None:
        """What the recipient answered when it was asked about the lead."""
        self.last = outcome
        if not outcome.is_unresolved:
            self.doubt = None

    def in_the_end(self, outcome: Outcome) -> Outcome:
        """The delivery's outcome, of which `outcome` is its last try's.

        A try that decided nothing, such as one that found nobody listening, says nothing of the one before
        it that may have arrived.
        """
        if self.doubt is None or outcome.is_unresolved or _decides(outcome):
            return outcome
        words = f"{self.doubt.words}; sent again: {outcome.words or outcome.code or outcome.kind}"
        return replace(self.doubt, words=words, next_attempt_at=None)


def _decides(outcome: Outcome) -> bool:
    """The recipient has said once and for all what it does with the lead."""
    return outcome.kind in (Kind.SUCCESS, Kind.HARD_REJECT) and outcome.arrived is Arrived.YES


@dataclass(slots=True, kw_only=True)
class Standing:
    """A lead after its facts so far."""

    lead: Lead
    digest: str = ""
    turns: Mapping[str, int] = field(default_factory=dict)  # in waterfalls that go round
    deliveries: dict[str, Tried] = field(default_factory=dict)  # by delivery, in order of appearance
    begun_before: frozenset[str] = frozenset()  # deliveries that had begun when the last one was resolved
    settled: LeadSettled | None = None
    cancelled: LeadCancelled | None = None
    last_number: int = 0

    @property
    def answers(self) -> dict[str, Outcome]:
        """The final outcomes by delivery, as `plan` wants them."""
        return {name: tried.final for name, tried in self.deliveries.items() if tried.final is not None}

    @property
    def earned(self) -> tuple[Money, ...]:
        """What the sales so far bring."""
        ended = (tried.final for tried in self.deliveries.values() if not tried.is_ping)
        return earned(sale for sale in ended if sale is not None and sale.accepted)

    @property
    def late(self) -> Late:
        """What steps that were decided before an answer came late still go by."""
        if not self.begun_before:
            return ALL_IN_TIME
        tried = self.deliveries.items()
        return Late({name: each.at_first for name, each in tried if each.at_first}, self.begun_before)

    def resolve(self, fact: DeliveryResolved) -> None:
        """A delivery has another outcome, and the lead is open again."""
        tried = self._tried(fact.delivery, fact.destination)
        tried.at_first = tried.at_first or tried.final
        tried.final, self.settled = fact.outcome, None
        self.begun_before = frozenset(self.deliveries)

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
                tried.made, tried.is_open, tried.due_at, tried.asked = fact.attempt, True, None, 0
            case AttemptEnded() as fact:
                tried = self._tried(fact.delivery, fact.destination)
                tried.heard(fact.outcome)
                tried.is_open, tried.heard_at = False, entry.at
            case DeliveryAsked() as fact:
                tried = self._tried(fact.delivery, fact.destination)
                tried.told(fact.outcome)
                tried.asked, tried.heard_at = fact.number, entry.at
            case DeliveryParked() as fact:
                tried = self._tried(fact.delivery, fact.destination)
                tried.due_at, tried.waits_for = fact.due_at, fact.cap
            case DeliveryEnded() as fact:
                tried = self._tried(fact.delivery, fact.destination)
                tried.final, tried.is_open, tried.due_at = fact.outcome, False, None
                tried.is_ping = fact.is_ping
            case DeliveryResolved() as fact:
                self.resolve(fact)
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
    received = first.fact
    state = Standing(
        lead=received.lead, digest=received.digest, turns=received.turns, last_number=first.number
    )
    for entry in rows:
        state.add(entry)
    return state
