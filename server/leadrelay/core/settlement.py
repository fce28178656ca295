"""How a lead ended: what its source is told, why, and for how much (behaviour 5, 6)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from leadrelay.core.endings import End
from leadrelay.core.flow import Flow
from leadrelay.core.outcome import Kind, Money, Outcome, ReasonCode, Result
from leadrelay.core.walk import Walk

ERRORS = frozenset({Kind.SOFT_REJECT, Kind.SYSTEM_ERROR, Kind.TIMEOUT})
# Why a destination that should have been tried was not: what a lead desk asks first.
KEPT_BACK = frozenset({ReasonCode.CAP_FULL, ReasonCode.CLOSED, ReasonCode.BREAKER_OPEN, ReasonCode.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The answer to the whole lead."""

    result: Result
    reason: str
    accepted: int
    revenue: tuple[Money, ...]
    waiting: tuple[str, ...]  # deliveries that rest until an unresolved one is resolved


def settle(flow: Flow, end: End, walk: Walk) -> Settlement:
    """What the end of a flow's root comes to. A ping is no sale, whatever it answered."""
    known = [deliver.delivery for deliver in flow.deliveries() if deliver.delivery in walk.answers]
    answers = {name: walk.answers[name] for name in known}  # in the flow's order, and not as they came
    sold = [
        deliver.delivery
        for deliver in flow.deliveries()
        if not deliver.is_ping and deliver.delivery in answers and answers[deliver.delivery].accepted
    ]
    return Settlement(
        result=_result(answers, end),
        reason=_reason(answers, end, sold),
        accepted=len(sold),
        revenue=earned(answers[name] for name in sold),
        waiting=tuple(walk.waiting),
    )


def _result(answers: Mapping[str, Outcome], end: End) -> Result:
    if end.accepted:
        return Result.SUCCESS
    if end.rests:
        return Result.UNRESOLVED
    kinds = {answers[name].kind for name in end.deciding}
    if end.stopped is not None:
        kinds.add(end.stopped.kind)
    return Result.ERROR if kinds & ERRORS else Result.FAILURE


def _reason(answers: Mapping[str, Outcome], end: End, sold: list[str]) -> str:
    if end.accepted:
        return f"accepted by {', '.join(sold)}"
    if end.rests:
        names = [name for name in end.deciding if answers[name].is_unresolved]
        return f"{', '.join(names)} may have it and has not said so"
    names = [name for name in end.deciding if not answers[name].accepted]
    names += [name for name, one in answers.items() if one.kind is Kind.SKIPPED and one.code in KEPT_BACK]
    said = [_said(name, answers[name]) for name in dict.fromkeys(names)]
    said += end.remarks
    if end.stopped is not None:
        said.append(end.stopped.words)
    return "; ".join(said) or "no destination was tried"


def _said(name: str, answer: Outcome) -> str:
    return f"{name}: {answer.words or answer.code or answer.kind}"


def earned(sales: Iterable[Outcome]) -> tuple[Money, ...]:
    """The prices of sales, added up by currency."""
    totals: dict[str, Decimal] = {}
    for sale in sales:
        if sale.price is not None:
            totals[sale.currency] = totals.get(sale.currency, Decimal(0)) + sale.price
    return tuple(Money(amount=amount, currency=currency) for currency, amount in totals.items())
