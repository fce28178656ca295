"""What a simulated run came to: counted by destination, and told lead by lead."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from leadrelay.core.facts import AttemptStarted, DeliveryEnded, Entry, LeadSettled
from leadrelay.core.outcome import Kind, Money, Outcome

Totals = dict[str, Decimal]  # amounts by currency
WORDS = {
    Kind.HARD_REJECT: "rejected",
    Kind.SOFT_REJECT: "later",
    Kind.SYSTEM_ERROR: "errors",
    Kind.TIMEOUT: "timeouts",
}
COLUMNS = ("tried", "sold", "bids", *WORDS.values(), "skipped")


@dataclass(slots=True)
class Tally:
    """What became of the leads at one destination."""

    counts: Counter[str] = field(default_factory=Counter)  # by column
    skips: Counter[str] = field(default_factory=Counter)  # by reason code
    revenue: Totals = field(default_factory=dict)

    def add(self, ended: DeliveryEnded) -> None:
        outcome = ended.outcome
        if outcome.kind is Kind.SKIPPED:
            self.counts["skipped"] += 1
            self.skips[str(outcome.code)] += 1
            return
        self.counts["tried"] += 1
        if not outcome.accepted:
            self.counts[WORDS[outcome.kind]] += 1
            return
        self.counts["bids" if ended.is_ping else "sold"] += 1
        if outcome.price is not None and not ended.is_ping:
            add_money(self.revenue, [Money(amount=outcome.price, currency=outcome.currency)])


@dataclass(slots=True)
class Told:
    """One lead of the run."""

    name: str  # where it stood
    entries: Sequence[Entry]

    @property
    def settled(self) -> LeadSettled | None:
        last = self.entries[-1].fact
        return last if isinstance(last, LeadSettled) else None

    @property
    def took(self) -> float:
        """Seconds of virtual time."""
        return (self.entries[-1].at - self.entries[0].at) / 1e9

    @property
    def ended(self) -> Iterator[DeliveryEnded]:
        return (entry.fact for entry in self.entries if isinstance(entry.fact, DeliveryEnded))


@dataclass(slots=True)
class Run:
    """All leads of a run."""

    destinations: dict[str, Tally] = field(default_factory=dict)
    results: Counter[str] = field(default_factory=Counter)
    revenue: Totals = field(default_factory=dict)

    def add(self, told: Told) -> None:
        settled = told.settled
        self.results["parked" if settled is None else settled.result.value] += 1
        if settled is not None:
            add_money(self.revenue, settled.revenue)
        for ended in told.ended:
            self.destinations.setdefault(ended.destination, Tally()).add(ended)


def add_money(totals: Totals, amounts: Iterable[Money]) -> None:
    for money in amounts:
        totals[money.currency] = totals.get(money.currency, Decimal(0)) + money.amount


def said(totals: Mapping[str, Decimal]) -> str:
    """Amounts in words: `12.50 USD, 3 EUR`."""
    return ", ".join(f"{amount} {currency}".rstrip() for currency, amount in sorted(totals.items()))


def table(run: Run) -> Iterator[str]:
    """A line for each destination, aligned, with why it was not tried below those where it was not."""
    columns = [name for name in COLUMNS if any(each.counts[name] for each in run.destinations.values())]
    wide = max([len("destination"), *map(len, run.destinations)])
    yield f"{'destination':{wide}}" + "".join(f"{name:>10}" for name in columns) + "  revenue"
    for name, tally in run.destinations.items():
        numbers = "".join(f"{tally.counts[column] or '-':>10}" for column in columns)
        yield f"{name:{wide}}{numbers}  {said(tally.revenue)}".rstrip()
        if tally.skips:
            why = ", ".join(f"{code} {count}" for code, count in tally.skips.most_common())
            yield f"  skipped: {why}"


def summary(run: Run) -> str:
    results = ", ".join(f"{count} {result}" for result, count in run.results.most_common())
    money = f"; revenue {said(run.revenue)}" if run.revenue else ""
    return f"{run.results.total()} lead(s): {results}{money}"


def as_data(told: Told) -> dict[str, Any]:
    """One lead for a program to read."""
    settled = told.settled
    revenue = () if settled is None else settled.revenue
    return {
        "lead": told.name,
        "lead_id": told.entries[0].lead_id,
        "result": None if settled is None else settled.result.value,
        "reason": "" if settled is None else settled.reason,
        "accepted": 0 if settled is None else settled.accepted,
        "revenue": [_money(each.amount, each.currency) for each in revenue],
        "waiting": [] if settled is None else list(settled.waiting),
        "seconds": round(told.took, 6),
        "sent": [_sent(entry.fact) for entry in told.entries if isinstance(entry.fact, AttemptStarted)],
        "deliveries": [_delivery(ended) for ended in told.ended],
    }


def _sent(started: AttemptStarted) -> str:
    return f"{started.delivery}/{started.attempt}"


def _delivery(ended: DeliveryEnded) -> dict[str, Any]:
    return {
        "delivery": ended.delivery,
        "destination": ended.destination,
        "ping": ended.is_ping,
        "attempts": ended.attempts,
        **_outcome(ended.outcome),
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "outcome": outcome.kind.value,
        "code": None if outcome.code is None else outcome.code.value,
        "words": outcome.words,
        "price": None if outcome.price is None else _money(outcome.price, outcome.currency),
        "reference": outcome.reference,
        "arrived": outcome.arrived.value,
    }


def _money(amount: Decimal, currency: str) -> dict[str, str]:
    return {"amount": format(amount, "f"), "currency": currency}
