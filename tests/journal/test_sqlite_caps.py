"""Caps in SQLite, to the cent and to the byte."""

import sqlite3
from decimal import Decimal
from pathlib import Path

from journal.samples import key, receipt, row
from leadrelay.core.limits.caps import Claim
from leadrelay.journal.sqlite import SqliteStore
from leadrelay.journal.sqlite_file import DATABASE
from leadrelay.journal.store import Parcel, Place, PlaceChange, Release, Sale

CLAIM = Claim(cap="crm//day", period="2026-11-30", ends_at=5, money=Decimal("0.10"), currency="USD")


def test_a_thousand_sales_of_ten_cents_are_a_hundred(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path)
    changes = [
        change
        for number in range(1000)
        for change in (
            Place(key(1), f"crm#{number}", CLAIM),
            Sale(key(1), f"crm#{number}", "crm//day", Decimal("0.10")),
            Release(key(1), f"crm#{number}"),
        )
    ]
    store.commit([receipt(1), Parcel([row(1, 2)], places=changes)])
    ((_, count),) = store.sold()
    assert (count.sold, count.spent) == (1000, Decimal("100.00"))
    store.close()
    with sqlite3.connect(tmp_path / DATABASE) as shell:  # readable without us
        assert shell.execute("SELECT cap, period, sold, spent FROM cap_counts").fetchall() == [
            ("crm//day", "2026-11-30", 1000, "100.00")
        ]
    shell.close()


def test_only_the_latest_period_of_a_cap_is_read_at_a_start(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path)
    for day in range(1, 10):
        claim = Claim(cap="crm//day", period=f"2026-11-0{day}", ends_at=day)
        places: list[PlaceChange] = [
            Place(key(day), "crm", claim),
            Sale(key(day), "crm", "crm//day", Decimal(0)),
            Release(key(day), "crm"),
        ]
        parcel = receipt(day)
        store.commit([Parcel(parcel.rows, parcel.receipts, places=places)])
    ((claim, count),) = store.sold()
    assert (claim.period, claim.ends_at, count.sold) == ("2026-11-09", 9, 1)
    store.close()
