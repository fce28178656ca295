"""The caps in SQLite: which places are held, and what was sold in each period.

A sale moves the place that it was held in, so that one that is told twice counts once.
"""

import sqlite3
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from leadrelay.core.limits.caps import Claim, Count
from leadrelay.journal.store import Place, PlaceChange, Release, Sale, Turn

PLACES = "SELECT lead, delivery, cap, period, ends_at, money, currency, price FROM cap_places"
SOLD = "SELECT cap, period, max(ends_at), sold, spent FROM cap_counts GROUP BY cap"
IN_LINE = """
    SELECT lead, delivery FROM cap_waits WHERE cap = ? AND (lead, delivery) > (?, ?)
    ORDER BY lead, delivery LIMIT ?"""
# From one cap to the next, for there are few of them and may be very many who wait.
WAITED_FOR = """
    WITH RECURSIVE caps (cap) AS (
        SELECT min(cap) FROM cap_waits
        UNION ALL SELECT (SELECT min(cap) FROM cap_waits WHERE cap > caps.cap) FROM caps WHERE cap IS NOT NULL
    )
    SELECT cap FROM caps WHERE cap IS NOT NULL"""
_HOLD = """
    INSERT OR IGNORE INTO cap_places (lead, delivery, cap, period, ends_at, money, currency, price)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_SELL = """
    INSERT INTO cap_counts (cap, period, ends_at, sold, spent)
    SELECT cap, period, ends_at, 1, ? FROM cap_places WHERE lead = ? AND delivery = ? AND cap = ?
    ON CONFLICT (cap, period) DO UPDATE SET sold = sold + 1, spent = decimal_sum(spent, excluded.spent)"""
_FREE = "DELETE FROM cap_places WHERE lead = ? AND delivery = ?"


def teach(writer: sqlite3.Connection) -> None:
    """Money is no float, and SQLite has no decimals."""
    writer.create_function(
        "decimal_sum", 2, lambda left, right: str(Decimal(left) + Decimal(right)), deterministic=True
    )


def change_place(db: sqlite3.Connection, change: PlaceChange) -> None:
    match change:
        case Place():
            claim = change.claim
            period = claim.cap, claim.period, claim.ends_at
            money = _text(claim.money), claim.currency, _text(claim.price)
            db.execute(_HOLD, (change.lead, change.delivery, *period, *money))
        case Sale():
            db.execute(_SELL, (str(change.cost), change.lead, change.delivery, change.cap))
        case Release():
            db.execute(_FREE, (change.lead, change.delivery))


def change_waits(db: sqlite3.Connection, turns: Sequence[Turn]) -> None:
    """A lead that turns waits for what its last turn says, and for nothing else any more."""
    last = {turn.lead: turn.waits for turn in turns}
    db.executemany("DELETE FROM cap_waits WHERE lead = ?", [(lead,) for lead in last])
    if waits := [(lead, *wait) for lead, waiting in last.items() for wait in waiting]:
        db.executemany("INSERT INTO cap_waits (lead, delivery, cap) VALUES (?, ?, ?)", waits)


def place(line: Sequence[Any]) -> Place:
    """A line of PLACES."""
    lead, delivery, cap, period, ends_at, money, currency, price = line
    claim = Claim(
        cap=cap,
        period=period,
        ends_at=ends_at,
        money=_decimal(money),
        currency=currency,
        price=_decimal(price),
    )
    return Place(lead, delivery, claim)


def sold(line: Sequence[Any]) -> tuple[Claim, Count]:
    """A line of SOLD; the claim says no more than which cap and which period."""
    cap, period, ends_at, number, spent = line
    return Claim(cap=cap, period=period, ends_at=ends_at), Count(sold=number, spent=Decimal(spent))


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
