"""The caps of a destination (behaviour 7)."""

from decimal import Decimal, InvalidOperation

from leadrelay.core.limits.caps import Cap
from leadrelay.core.limits.periods import MONDAY, PeriodKind
from leadrelay.core.outcome import Money
from leadrelay.edges.catalog.compile_schedule import DAYS, weekday
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.knowing import check_words
from leadrelay.edges.catalog.problems import named
from leadrelay.edges.catalog.time_zones import time_zone
from leadrelay.v1 import destination_pb2 as pb
from leadrelay.v1 import outcome_pb2

_MOST = Decimal(10) ** 15

_PERIODS = {
    pb.CAP_PERIOD_MINUTE: PeriodKind.MINUTE,
    pb.CAP_PERIOD_HOUR: PeriodKind.HOUR,
    pb.CAP_PERIOD_DAY: PeriodKind.DAY,
    pb.CAP_PERIOD_WEEK: PeriodKind.WEEK,
    pb.CAP_PERIOD_MONTH: PeriodKind.MONTH,
}


def compile_caps(context: Context, path: Path, destination: pb.Destination) -> tuple[Cap, ...]:
    """All caps of a destination, after every problem with them has been noted."""
    messages = destination.limits.caps
    caps = tuple(
        _cap(context, (*path, index), destination, message) for index, message in enumerate(messages)
    )
    first: dict[str, int] = {}
    for index, (cap, message) in enumerate(zip(caps, messages, strict=True)):
        before = first.setdefault(cap.key, index)
        if before != index and message.period:
            where = context.findings.where((*path, before))
            words = f"would count together with the one at {where}; give each a `name` of its own"
            context.findings.problem((*path, index), words)
    return caps


def _cap(context: Context, path: Path, destination: pb.Destination, message: pb.Cap) -> Cap:
    if not message.period:
        context.findings.absence(path, "needs a `period`: minute, hour, day, week or month")
    kind = _PERIODS.get(message.period, PeriodKind.DAY)
    has_count = context.findings.is_written((*path, "count"))
    if not message.count and has_count:
        words = "a cap of 0 lets nothing through; remove the destination from the flow to stop it"
        context.findings.problem((*path, "count"), words)
    if not message.count and not has_count and not message.HasField("money"):
        context.findings.absence(path, "needs a `count`, or `money: {amount, currency}`, or both")
    money = _money(context, (*path, "money"), message.money) if message.HasField("money") else None
    when = context.condition((*path, "when"), message.when)
    if when is not None:
        check_words(context, (*path, "when"), when.source)
    return Cap(
        key=f"{destination.name}/{message.name}/{kind}",
        name=message.name,
        period=kind,
        zone=time_zone(context, (*path, "time_zone"), message.time_zone),
        week_starts=_week_starts(context, path, message),
        count=message.count or None,
        money=money,
        per_lead=_per_lead(context, path, message, money, has_prices=bool(destination.prices)),
        when=when,
    )


def _money(context: Context, path: Path, message: outcome_pb2.Money) -> Money | None:
    amount, currency = message.amount, message.currency
    if not currency:
        context.findings.absence(path, "needs a `currency`, such as USD: amounts of several do not add up")
    elif len(currency) != 3 or not (currency.isascii() and currency.isalpha() and currency.isupper()):
        words = f"{named(currency)} is no currency; three capital letters (ISO 4217), such as USD"
        context.findings.problem((*path, "currency"), words)
    value = _amount(amount)
    if value is None:
        if amount or context.findings.is_written((*path, "amount")):
            words = 'must be a decimal number above 0, such as "1000.00"'
            context.findings.problem((*path, "amount"), words)
        else:
            context.findings.absence(path, 'needs an `amount`, such as "1000.00"')
        return None
    return Money(amount=value, currency=currency)


def _per_lead(
    context: Context, path: Path, message: pb.Cap, money: Money | None, *, has_prices: bool
) -> Decimal | None:
    below = (*path, "per_lead")
    if not message.per_lead:
        if money is not None and not has_prices:
            words = (
                "until the first sale one lead at a time is sent, and the last may cost more than is left; "
                'say what a lead costs at most: `per_lead: "25.00"`'
            )
            context.findings.warning(path, words)
        return None
    if not message.HasField("money"):
        context.findings.problem(below, "means something with `money` only; remove it")
        return None
    value = _amount(message.per_lead)
    if value is None:
        context.findings.problem(below, 'must be a decimal number above 0, such as "25.00"')
    elif money is not None and value > money.amount:
        context.findings.problem(below, f"is more than the whole cap, {money.amount:f}; no lead would go")
    return value


def _amount(text: str) -> Decimal | None:
    """An amount above nothing; None for any other text."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and 0 < value < _MOST else None


def _week_starts(context: Context, path: Path, message: pb.Cap) -> int:
    if not message.week_starts:
        return MONDAY
    below = (*path, "week_starts")
    if message.period and message.period != pb.CAP_PERIOD_WEEK:
        context.findings.problem(below, "means something with `period: week` only; remove it")
    day = weekday(context, below, message.week_starts)
    return DAYS.index(day) if day else MONDAY
