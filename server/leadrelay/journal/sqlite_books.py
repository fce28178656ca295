"""The books in SQLite: what is asked of many leads, kept in tables that follow the facts.

A page of facts is taken in by two statements of the database's own, which reads their JSON without
making an object of any of them, outside of Python's lock and off the path of every lead.
"""

import sqlite3
from collections.abc import Iterator
from typing import Final

from leadrelay.core.lead import uuid7
from leadrelay.journal.store import LeadFilter, Sums, Times

CURSOR: Final = "books"
FAMILY: Final = 10_000  # leads of one family that are looked at
DIMENSIONS: Final = ("destination", "flow", "source")


def _said(path: str) -> str:
    """What a fact says at a path."""
    return f"json_extract(f.body, '$.{path}')"


TAKE_DELIVERIES = f"""
    INSERT OR REPLACE INTO deliveries
    SELECT f.lead, {_said("delivery")}, {_said("destination")}, l.flow, l.source,
        {_said("outcome.kind")}, {_said("outcome.code")}, {_said("outcome.arrived")},
        coalesce({_said("is_ping")}, 0), {_said("outcome.price")}, {_said("outcome.currency")}, f.at
    FROM facts f JOIN leads l ON l.lead = f.lead
    WHERE f.seq > :after AND f.seq <= :upto AND f.kind IN ('DeliveryEnded', 'DeliveryResolved')
    ORDER BY f.seq"""  # noqa: S608 (our own words, here and below)
TAKE_ATTEMPTS = f"""
    INSERT OR REPLACE INTO attempts
    SELECT f.seq, {_said("destination")}, l.flow, l.source, f.at,
        iif({_said("reply")} IS NULL, NULL, {_said("took")})
    FROM facts f JOIN leads l ON l.lead = f.lead
    WHERE f.seq > :after AND f.seq <= :upto AND f.kind = 'AttemptEnded'"""  # noqa: S608
RELATIVES = """
    WITH RECURSIVE family (lead) AS (
        VALUES (:lead)
        UNION SELECT l.again_of FROM leads l JOIN family f ON l.lead = f.lead WHERE l.again_of IS NOT NULL
        UNION SELECT l.lead FROM leads l JOIN family f ON l.again_of = f.lead
        LIMIT :limit
    )
    SELECT l.lead, l.result FROM leads l JOIN family f ON l.lead = f.lead"""


def advance(db: sqlite3.Connection, limit: int) -> bool:
    """As Store has it; within the caller's transaction."""
    found = db.execute("SELECT seq FROM cursors WHERE name = ?", (CURSOR,)).fetchone()
    after = int(found[0]) if found else 0
    last = int(db.execute("SELECT coalesce(max(seq), 0) FROM facts").fetchone()[0])
    upto = min(last, after + limit)
    if upto > after:
        for take in (TAKE_DELIVERIES, TAKE_ATTEMPTS):
            db.execute(take, {"after": after, "upto": upto})
        db.execute("INSERT OR REPLACE INTO cursors (name, seq) VALUES (?, ?)", (CURSOR, upto))
    return upto < last


def matching(
    db: sqlite3.Connection, wanted: LeadFilter, after: bytes, limit: int, *, newest_first: bool
) -> list[bytes]:
    conditions = list(_conditions(wanted))
    if after:
        conditions.append((f"lead {'<' if newest_first else '>'} ?", (after,)))
    where = " AND ".join(words for words, _ in conditions) or "1"
    order = "DESC" if newest_first else "ASC"
    query = f"SELECT lead FROM leads WHERE {where} ORDER BY lead {order} LIMIT ?"  # noqa: S608
    values = [value for _, each in conditions for value in each]
    return [lead for (lead,) in db.execute(query, (*values, limit))]


def _conditions(wanted: LeadFilter) -> Iterator[tuple[str, tuple[object, ...]]]:
    if wanted.leads:
        yield f"lead IN ({', '.join('?' * len(wanted.leads))})", wanted.leads
    for column in ("flow", "source", "result"):
        if value := getattr(wanted, column):
            yield f"{column} = ?", (value,)
    if wanted.is_open:
        yield "settled_at IS NULL", ()
    # Ids are in order of receipt to the millisecond, so that a window is a range of them.
    if wanted.since is not None:
        yield "lead >= ? AND received_at >= ?", (_first_id(wanted.since), wanted.since)
    if wanted.until is not None:
        last = _first_id(wanted.until + 1_000_000)
        yield "lead <= ? AND received_at < ?", (last, wanted.until)
    named = {"destination": wanted.destination, "outcome": wanted.outcome}
    if of_delivery := {column: value for column, value in named.items() if value}:
        words = " AND ".join(f"{column} = ?" for column in of_delivery)
        yield f"lead IN (SELECT lead FROM deliveries WHERE {words})", tuple(of_delivery.values())  # noqa: S608


def _first_id(moment: int) -> bytes:
    """Not above the id of any lead that was received in this millisecond or later."""
    return bytes.fromhex(uuid7(max(0, moment) // 1_000_000, bytes(10)).replace("-", ""))


def family(db: sqlite3.Connection, lead: bytes) -> list[tuple[bytes, str | None]]:
    return db.execute(RELATIVES, {"lead": lead, "limit": FAMILY}).fetchall()


def sums(db: sqlite3.Connection, by: str, since: int, until: int) -> list[Sums]:
    found = db.execute(
        f"""
        SELECT {_column(by)}, outcome, coalesce(code, ''), arrived,
            iif(outcome = 'success', coalesce(price, ''), '') AS paid,
            iif(outcome = 'success' AND price IS NOT NULL, currency, '') AS paid_in, count(*)
        FROM deliveries WHERE ended_at >= ? AND ended_at < ? AND NOT is_ping
        GROUP BY 1, 2, 3, 4, 5, 6""",  # noqa: S608
        (since, until),
    )
    return [Sums._make(line) for line in found]


def leads_by(db: sqlite3.Connection, by: str, since: int, until: int) -> dict[str, int]:
    found = db.execute(
        f"""
        SELECT {_column(by)}, count(DISTINCT lead)
        FROM deliveries WHERE ended_at >= ? AND ended_at < ? GROUP BY 1""",  # noqa: S608
        (since, until),
    )
    return dict(found.fetchall())


def times(db: sqlite3.Connection, by: str, since: int, until: int) -> list[Times]:
    """A percentile is the smallest time that so many of a hundred do not exceed (nearest rank)."""
    found = db.execute(
        f"""
        WITH asked AS (
            SELECT {_column(by)} AS name, took FROM attempts WHERE ended_at >= :since AND ended_at < :until
        ), ranked AS (
            SELECT name, took, row_number() OVER (PARTITION BY name ORDER BY took) AS place,
                count(*) OVER (PARTITION BY name) AS answered
            FROM asked WHERE took IS NOT NULL
        ), marks AS (
            SELECT name, answered,
                min(iif(place * 100 >= answered * 50, took, NULL)) AS p50,
                min(iif(place * 100 >= answered * 95, took, NULL)) AS p95,
                min(iif(place * 100 >= answered * 99, took, NULL)) AS p99
            FROM ranked GROUP BY name
        ), totals AS (
            SELECT name, count(*) AS attempts, avg(took) AS average FROM asked GROUP BY name
        )
        SELECT totals.name, attempts, coalesce(answered, 0), coalesce(average, 0.0), coalesce(p50, 0),
            coalesce(p95, 0), coalesce(p99, 0)
        FROM totals LEFT JOIN marks ON marks.name = totals.name""",  # noqa: S608
        {"since": since, "until": until},
    )
    return [Times._make(line) for line in found]


def _column(by: str) -> str:
    if by not in DIMENSIONS:
        raise ValueError(f"deliveries are summed up by {', '.join(DIMENSIONS)}")
    return by
