"""What the events say, counted as they come: by destination, by flow and by lead.

Every delivery that a flow decided about is counted in exactly one place (accepted, rejected, error,
unresolved, skipped), and so is every lead, which is what the ledger at the end relies on.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil

from google.protobuf.message import Message

from demo_parts.rows import Row
from leadrelay_client import Arrived, Event, Outcome, OutcomeKind, ReasonCode, Result


def word(name: str) -> str:
    """`hard_reject` of `OUTCOME_KIND_HARD_REJECT`, `success` of `RESULT_SUCCESS`."""
    for prefix in ("OUTCOME_KIND_", "REASON_CODE_", "RESULT_"):
        name = name.removeprefix(prefix)
    return name.lower()


def pinged(part: Message) -> Iterator[str]:
    """The destinations that auctions of a catalog, or of a part of it, ask for a price."""
    for key, value in part.ListFields():
        if key.full_name == "leadrelay.v1.Bidder.ping":
            yield value
        elif key.message_type is not None and not key.message_type.GetOptions().map_entry:
            for below in value if key.is_repeated else [value]:
                yield from pinged(below)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a destination did not take a lead."""

    code: str
    words: str  # the recipient's own, or ours where it said nothing


@dataclass(slots=True)
class Destination:
    """One destination's share of the run."""

    attempts: int = 0
    accepted: int = 0
    unresolved: int = 0  # it may have the lead, and nobody can say
    rejected: Counter[Reason] = field(default_factory=Counter)
    errors: Counter[Reason] = field(default_factory=Counter)
    skipped: Counter[Reason] = field(default_factory=Counter)
    revenue: dict[str, Decimal] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)  # ms, of the attempts that were answered
    under_way: set[tuple[str, str]] = field(default_factory=set)  # leads and their deliveries

    @property
    def tried(self) -> int:
        return self.accepted + self.rejected.total() + self.errors.total() + self.unresolved

    def percentile(self, share: float) -> float | None:
        """The time within which that share of the answers came (nearest rank)."""
        ranked = sorted(self.times)
        return ranked[max(0, ceil(share * len(ranked)) - 1)] if ranked else None


@dataclass(slots=True)
class Story:
    """One lead of the run, as far as it is known."""

    row: Row
    is_sent: bool = False
    lead_id: str = ""  # empty until the server has accepted it
    last_event: int = 0
    result: Result.ValueType = Result.RESULT_UNSPECIFIED
    refusal: str = ""  # why the server did not take it
    revenue: dict[str, Decimal] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)  # final, by delivery
    attempts: Counter[str] = field(default_factory=Counter)

    @property
    def is_accepted(self) -> bool:
        return self.lead_id != ""

    @property
    def is_settled(self) -> bool:
        return self.result != Result.RESULT_UNSPECIFIED


class Tally:
    """Everything that is counted; `take` is told each event once and in order."""

    def __init__(self, rows: list[Row], destinations: list[str], pings: Collection[str] = ()) -> None:
        """`pings` are those that an auction asks for a price: their successes are bids and no sales."""
        self.stories = [Story(row) for row in rows]
        self.destinations = {name: Destination() for name in destinations if name not in pings}
        self.pings = {name: Destination() for name in destinations if name in pings}
        self.results: Counter[str] = Counter()

    @property
    def settled(self) -> int:
        return self.results.total()

    @property
    def under_way(self) -> int:
        return sum(
            1 for story in self.stories if story.is_sent and not story.is_settled and not story.refusal
        )

    def take(self, story: Story, event: Event) -> None:
        story.lead_id, story.last_event = event.lead_id, event.number
        kind = event.WhichOneof("kind")
        if kind == "attempt_started":
            self._started(story, event)
        elif kind == "attempt_ended":
            self._answered(event)
        elif kind == "delivery_ended":
            self._ended(story, event)
        elif kind == "delivery_resolved":
            self._resolved(story, event)
        elif kind == "lead_settled":
            if story.is_settled:  # it rested, and has gone on since
                self.results[word(Result.Name(story.result))] -= 1
                story.revenue.clear()
            story.result = event.lead_settled.result
            for money in event.lead_settled.revenue:
                _add(story.revenue, money.currency, money.amount)
            self.results[word(Result.Name(story.result))] += 1

    def _started(self, story: Story, event: Event) -> None:
        started = event.attempt_started
        story.attempts[started.delivery] += 1
        destination = self._destination(started.destination)
        destination.attempts += 1
        destination.under_way.add((story.lead_id, started.delivery))

    def _answered(self, event: Event) -> None:
        ended = event.attempt_ended
        if ended.outcome.arrived == Arrived.ARRIVED_YES and ended.HasField("response_time"):
            self._destination(ended.destination).times.append(ended.response_time.ToNanoseconds() / 1e6)

    def _ended(self, story: Story, event: Event) -> None:
        ended = event.delivery_ended
        self._destination(ended.destination).under_way.discard((story.lead_id, ended.delivery))
        if not ended.ping:
            story.outcomes[ended.delivery] = ended.outcome
        self._count(ended.destination, ended.outcome)

    def _resolved(self, story: Story, event: Event) -> None:
        """What was not known counts as what it turned out to be."""
        resolved = event.delivery_resolved
        story.outcomes[resolved.delivery] = resolved.outcome
        self._destination(resolved.destination).unresolved -= 1
        self._count(resolved.destination, resolved.outcome)

    def _count(self, name: str, outcome: Outcome) -> None:
        destination = self._destination(name)
        code = word(ReasonCode.Name(outcome.code)) if outcome.code else word(OutcomeKind.Name(outcome.kind))
        if outcome.kind == OutcomeKind.OUTCOME_KIND_SUCCESS:
            destination.accepted += 1
            if outcome.HasField("price"):
                _add(destination.revenue, outcome.price.currency, outcome.price.amount)
        elif outcome.kind == OutcomeKind.OUTCOME_KIND_SKIPPED:
            destination.skipped[Reason(code, _why_full(outcome))] += 1
        elif outcome.arrived == Arrived.ARRIVED_UNKNOWN:
            destination.unresolved += 1
        elif outcome.kind == OutcomeKind.OUTCOME_KIND_HARD_REJECT:
            destination.rejected[Reason(code, outcome.words)] += 1
        else:
            destination.errors[Reason(code, outcome.words)] += 1

    def _destination(self, name: str) -> Destination:
        return self.pings.get(name) or self.destinations.setdefault(name, Destination())


def _why_full(outcome: Outcome) -> str:
    """What a full destination says of itself, without what differs from lead to lead; else nothing."""
    if outcome.code == ReasonCode.REASON_CODE_CAP_FULL:
        return outcome.words.partition(" (")[0].partition(", opens")[0]
    is_shut = outcome.code in (ReasonCode.REASON_CODE_CLOSED, ReasonCode.REASON_CODE_BREAKER_OPEN)
    return outcome.words if is_shut else ""


def _add(revenue: dict[str, Decimal], currency: str, amount: str) -> None:
    revenue[currency] = revenue.get(currency, Decimal(0)) + Decimal(amount)
