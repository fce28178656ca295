"""From groups of deliveries that ended alike to one row for each destination, flow or source."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from leadrelay.core.outcome import Arrived, Kind, ReasonCode
from leadrelay.edges.grpc import convert
from leadrelay.journal.store import Sums, Times
from leadrelay.v1 import analytics_service_pb2 as pb
from leadrelay.v1.outcome_pb2 import REASON_CODE_UNSPECIFIED, Money

_ERRORS = (Kind.SOFT_REJECT, Kind.SYSTEM_ERROR, Kind.TIMEOUT)
_TECHNICAL = (Kind.SYSTEM_ERROR, Kind.TIMEOUT)


def summaries(leads: Mapping[str, int], sums: Iterable[Sums], times: Iterable[Times]) -> list[pb.Summary]:
    """A row for each key, in the order of their names."""
    groups: dict[str, list[Sums]] = defaultdict(list)
    for each in sums:
        groups[each.key].append(each)
    measured = {each.key: each for each in times}
    return [
        _summary(key, leads.get(key, 0), groups.get(key, []), measured.get(key))
        for key in sorted({*leads, *groups, *measured})
    ]


def _summary(key: str, leads: int, groups: list[Sums], times: Times | None) -> pb.Summary:
    counted = _counted(groups)
    tried = sum(counted[name] for name in ("accepted", "rejected", "errors", "unresolved"))
    row = pb.Summary(
        key=key,
        leads=leads,
        attempts=0 if times is None else times.attempts,
        reasons=_reasons(groups),
        revenue=_revenue(groups),
        success_rate=counted["accepted"] / tried if tried else 0.0,
        accepted=counted["accepted"],
        rejected=counted["rejected"],
        errors=counted["errors"],
        skipped=counted["skipped"],
        unresolved=counted["unresolved"],
    )
    if times is not None and times.answered:
        row.response_times.average.CopyFrom(convert.duration(round(times.average)))
        row.response_times.p50.CopyFrom(convert.duration(times.p50))
        row.response_times.p95.CopyFrom(convert.duration(times.p95))
        row.response_times.p99.CopyFrom(convert.duration(times.p99))
    return row


def _counted(groups: Iterable[Sums]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for each in groups:
        counted[_place(each)] += each.number
    return counted


def _place(group: Sums) -> str:
    """Which of a summary's numbers these deliveries belong to."""
    kind = Kind(group.outcome)
    if kind in _TECHNICAL and group.arrived == Arrived.UNKNOWN:
        return "unresolved"
    if kind in _ERRORS:
        return "errors"
    return {Kind.SUCCESS: "accepted", Kind.HARD_REJECT: "rejected", Kind.SKIPPED: "skipped"}[kind]


def _reasons(groups: Iterable[Sums]) -> list[pb.ReasonCount]:
    counted: Counter[tuple[str, str]] = Counter()
    for each in groups:
        if each.outcome != Kind.SUCCESS:
            counted[each.outcome, each.code] += each.number
    return [
        pb.ReasonCount(
            kind=convert.KINDS[Kind(outcome)],
            code=convert.CODES[ReasonCode(code)] if code else REASON_CODE_UNSPECIFIED,
            count=number,
        )
        for (outcome, code), number in sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    ]


def _revenue(groups: Iterable[Sums]) -> list[Money]:
    """Exact, whatever the number of deliveries."""
    totals: dict[str, Decimal] = {}
    for each in groups:
        if each.price:
            totals[each.currency] = totals.get(each.currency, Decimal(0)) + Decimal(each.price) * each.number
    return [Money(amount=format(totals[name], "f"), currency=name) for name in sorted(totals)]
