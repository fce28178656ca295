"""What a replay came to, for people: lead by lead where something would be otherwise, and summed up."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from leadrelay.core.outcome import Kind, Money, Outcome
from leadrelay.edges.replaying import Change, Replayed

SHOWN_LINES = 12  # of one request

Totals = dict[str, Decimal]  # amounts by currency


@dataclass(slots=True)
class Sums:
    """All leads of a replay."""

    replayed: int = 0
    differ: int = 0
    requests: int = 0  # that would be otherwise
    outcomes: int = 0
    results: int = 0
    assumed: int = 0  # answers that nobody has recorded
    untold: Counter[str] = field(default_factory=Counter)  # leads that were not replayed, by why
    sold: dict[str, list[int]] = field(default_factory=dict)  # by destination's delivery: before, after
    before: Totals = field(default_factory=dict)
    after: Totals = field(default_factory=dict)

    def add(self, told: Replayed) -> None:
        self.replayed += 1
        self.differ += told.differs
        self.requests += sum(bool(each.request) for each in told.changes)
        self.outcomes += sum(_is_other(each) for each in told.changes)
        self.results += told.before.result is not told.after.result
        self.assumed += sum(each.is_assumed for each in told.changes)
        for place, course in enumerate((told.before, told.after)):
            for name, outcome in course.outcomes.items():
                self.sold.setdefault(name, [0, 0])[place] += outcome.accepted
        _add(self.before, told.before.revenue)
        _add(self.after, told.after.revenue)


def lead_lines(told: Replayed) -> Iterator[str]:
    """One lead: its result, then each delivery that would be otherwise."""
    was, now = told.before.result, told.after.result
    result = f"{was}" if was is now else f"{was} -> {now}"
    yield f"{told.lead.id}  flow {told.lead.flow}: {result}"
    for change in told.changes:
        name = change.delivery
        if _is_other(change):
            assumed = ", assumed: nothing is recorded" if change.is_assumed else ""
            yield f"  {name}: {_said(change.before)} -> {_said(change.after)}{assumed}"
        if change.request:
            yield f"  {name}: its request would be otherwise"
            yield from (f"    {line}" for line in change.request[:SHOWN_LINES])
            if len(change.request) > SHOWN_LINES:
                yield f"    (and {len(change.request) - SHOWN_LINES} lines more)"


def summary(sums: Sums) -> Iterator[str]:
    """All leads together."""
    same = sums.replayed - sums.differ
    what = f"{sums.requests:,} request(s), {sums.outcomes:,} outcome(s), {sums.results:,} result(s)"
    yield f"{sums.replayed:,} lead(s) replayed: {same:,} the same, {sums.differ:,} otherwise ({what})"
    for name, (was, now) in sorted(sums.sold.items()):
        if was != now:
            yield f"sold to {name}: {was:,} -> {now:,}"
    if sums.before != sums.after:
        yield f"revenue: {_money(sums.before)} -> {_money(sums.after)}"
    if sums.assumed:
        yield f"{sums.assumed:,} answer(s) assumed, because nothing is recorded of them (--assume)"
    for why, number in sums.untold.most_common():
        yield f"{number:,} lead(s) not replayed: {why}"


def as_data(told: Replayed) -> dict[str, Any]:
    """One lead for programs."""
    return {
        "lead": told.lead.id,
        "flow": told.lead.flow,
        "result": {"before": told.before.result, "after": told.after.result},
        "changes": [
            {
                "delivery": each.delivery,
                "before": _data(each.before),
                "after": _data(each.after),
                "assumed": each.is_assumed,
                "request": list(each.request),
            }
            for each in told.changes
        ],
    }


def _is_other(change: Change) -> bool:
    return _said(change.before) != _said(change.after)


def _said(outcome: Outcome | None) -> str:
    """An outcome on a line."""
    if outcome is None:
        return "not in the flow"
    parts = [str(outcome.kind)]
    if outcome.code:
        parts.append(f"({outcome.code})")
    if outcome.kind is Kind.SUCCESS and outcome.price is not None:
        parts.append(f"{outcome.price} {outcome.currency}".rstrip())
    if outcome.is_unresolved:
        parts.append("may have arrived")
    return " ".join(parts)


def _data(outcome: Outcome | None) -> Mapping[str, Any] | None:
    if outcome is None:
        return None
    price = None if outcome.price is None else str(outcome.price)
    return {"kind": outcome.kind, "code": outcome.code, "price": price, "currency": outcome.currency}


def _add(totals: Totals, revenue: Iterable[Money]) -> None:
    for money in revenue:
        totals[money.currency] = totals.get(money.currency, Decimal(0)) + money.amount


def _money(totals: Totals) -> str:
    return ", ".join(f"{amount:,} {name}".rstrip() for name, amount in sorted(totals.items())) or "nothing"
