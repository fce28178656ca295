"""Caps: at most so many sales, or so much money, in a period (behaviour 7).

A cap counts under the name of its destination and its own, so that a catalog that is applied again
goes on counting and a changed maximum takes effect at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from leadrelay.core.condition import Condition
from leadrelay.core.limits.full import Full
from leadrelay.core.limits.periods import MONDAY, Period, PeriodKind, period_at
from leadrelay.core.limits.wall import written
from leadrelay.core.outcome import Money, ReasonCode

_EVERY = {
    PeriodKind.MINUTE: "cap per minute",
    PeriodKind.HOUR: "hourly cap",
    PeriodKind.DAY: "daily cap",
    PeriodKind.WEEK: "weekly cap",
    PeriodKind.MONTH: "monthly cap",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """A maximum of sales, of money, or of both."""

    key: str  # under which it counts: `destination/name/period`
    name: str = ""
    period: PeriodKind
    zone: ZoneInfo
    week_starts: int = MONDAY
    count: int | None = None
    money: Money | None = None
    per_lead: Decimal | None = None  # what is set aside of the money for one lead; None: as prices show
    when: Condition | None = None  # counts only leads for which it holds

    def period_at(self, moment: int) -> Period:
        return period_at(moment, self.period, self.zone, self.week_starts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A place under one cap, held for a lead from before it is sent until the recipient has decided."""

    cap: str
    period: str
    ends_at: int
    money: Decimal | None = None  # set aside for it; None: the cap counts no money
    currency: str = ""
    price: Decimal | None = None  # what a sale costs where the reply names no price

    def cost(self, price: Decimal | None, currency: str) -> Decimal:
        """What a sale at a price takes of the cap's money. Another currency's price takes nothing."""
        if self.money is None or (price is not None and currency and currency != self.currency):
            return Decimal(0)
        paid = self.price if price is None else price
        return paid or Decimal(0)


@dataclass(slots=True)
class Count:
    """How much of one cap is taken in one period."""

    sold: int = 0
    held: int = 0
    spent: Decimal = Decimal(0)
    set_aside: Decimal = Decimal(0)

    @property
    def taken(self) -> int:
        return self.sold + self.held


Holder = tuple[str, str]  # a lead's id and its delivery


class Wanted(NamedTuple):
    """A place under a cap, in a period."""

    cap: Cap
    period: Period
    price: Decimal | None = None  # what the lead will cost, where that was agreed before


def lack(cap: Cap, count: Count, price: Decimal | None) -> str:
    """What of a cap one more lead would exceed, as `49 of 50`; empty where it fits.

    `price` is what has to be set aside for it; None: nobody knows.
    """
    if cap.count is not None and count.taken >= cap.count:
        return f"{count.taken} of {cap.count}{_under_way(count)}"
    if cap.money is None:
        return ""
    taken, most = count.spent + count.set_aside, cap.money.amount
    if taken >= most or (price is not None and taken + price > most):
        return f"{taken:f} of {most:f} {cap.money.currency}{_under_way(count)}"
    return ""


def cap_full(cap: Cap, period: Period, count: Count, what: str, *, is_brief: bool = False) -> Full:
    """`daily cap 'tx' full: 50 of 50, opens 2026-12-01T00:00-06:00`."""
    opens = written(period.ends, cap.zone)
    return Full(
        code=ReasonCode.CAP_FULL,
        words=f"{_named(cap)} full: {what}, opens {opens}",
        opens_at=period.ends,
        may_open_sooner=count.held > 0,
        cap=cap.key,
        is_brief=is_brief,
    )


def for_the_line(cap: Cap, period: Period) -> Full:
    """A place that came free belongs to a parked lead, which is being called up."""
    opens = written(period.ends, cap.zone)
    return Full(
        code=ReasonCode.CAP_FULL,
        words=f"{_named(cap)} full: what came free is for leads that have waited longer, opens {opens}",
        opens_at=period.ends,
        may_open_sooner=True,
        cap=cap.key,
    )


def the_longest(fulls: Sequence[Full]) -> Full:
    """Of several, the one that stays full the longest: before it opens nothing can go."""
    return max(fulls, key=lambda full: full.opens_at or 0)


def _named(cap: Cap) -> str:
    return f"{_EVERY[cap.period]} '{cap.name}'" if cap.name else _EVERY[cap.period]


def _under_way(count: Count) -> str:
    return f" ({count.held} under way)" if count.held else ""
