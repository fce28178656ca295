"""The books say of many leads what their facts say of each (behaviour 10)."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from journal.samples import MOMENT, key
from leadrelay.core.exchange import ReplyRecord
from leadrelay.core.facts import (
    AttemptEnded,
    DeliveryEnded,
    DeliveryResolved,
    Entry,
    Fact,
    LeadReceived,
    LeadSettled,
)
from leadrelay.core.lead import Lead, TraceContext
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode, Result
from leadrelay.journal.rows import parcel
from leadrelay.journal.sqlite import SqliteStore
from leadrelay.journal.store import LeadFilter, Sums

EVER = (0, 2**63 - 1)
SECOND = 1_000_000_000
SOLD = Outcome(kind=Kind.SUCCESS, price=Decimal("12.50"), currency="USD")
NO = Outcome(kind=Kind.HARD_REJECT, code=ReasonCode.DUPLICATE)
LOST = Outcome(kind=Kind.TIMEOUT, code=ReasonCode.TIMEOUT_RESPONSE, arrived=Arrived.UNKNOWN)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore.open(tmp_path)
    yield store
    store.close()


def an_id(place: int) -> str:
    """As lead_id, with the millisecond of its receipt in it."""
    milliseconds = MOMENT // 1_000_000 + place * 1000
    return f"{milliseconds >> 16:08x}-{milliseconds & 0xFFFF:04x}-7000-8000-{place:012x}"


def of(place: int) -> bytes:
    return bytes.fromhex(an_id(place).replace("-", ""))


def tell(store: SqliteStore, place: int, *facts: Fact, **lead: str) -> None:
    """A lead that came `place` seconds after MOMENT, with a second between its facts."""
    received = MOMENT + place * SECOND
    told = Lead(
        id=an_id(place),
        flow=lead.pop("flow", "loans"),
        fields={},
        received_at=received,
        trace=TraceContext(trace_id="0" * 32),
        catalog_version=1,
        **lead,  # type: ignore[arg-type]
    )
    every: Sequence[Fact] = (LeadReceived(lead=told), *facts)
    store.commit(
        [
            parcel(
                [
                    Entry(an_id(place), number, received + (number - 1) * SECOND, fact)
                    for number, fact in enumerate(every, start=1)
                ]
            )
        ]
    )


def ended(outcome: Outcome, destination: str = "crm", **more: bool) -> DeliveryEnded:
    return DeliveryEnded(delivery=destination, destination=destination, outcome=outcome, attempts=1, **more)


def answered(took: int | None, destination: str = "crm") -> AttemptEnded:
    reply = None if took is None else ReplyRecord(status=200)
    return AttemptEnded(
        delivery=destination, destination=destination, attempt=1, outcome=SOLD, reply=reply, took=took or 7
    )


def settled(result: Result) -> LeadSettled:
    return LeadSettled(result=result)


def keep(store: SqliteStore, page: int = 3) -> None:
    while store.advance(page):
        pass


def test_deliveries_are_summed_up_by_how_they_ended(store: SqliteStore) -> None:
    tell(store, 1, ended(SOLD), ended(NO, "other"))
    tell(store, 2, ended(SOLD))
    tell(store, 3, ended(NO))
    keep(store)
    assert sorted(store.sums("destination", *EVER)) == [
        Sums("crm", "hard_reject", "duplicate", "yes", "", "", 1),
        Sums("crm", "success", "", "yes", "12.50", "USD", 2),
        Sums("other", "hard_reject", "duplicate", "yes", "", "", 1),
    ]
    assert store.leads_by("destination", *EVER) == {"crm": 3, "other": 1}


def test_they_may_be_summed_up_by_flow_and_by_source(store: SqliteStore) -> None:
    tell(store, 1, ended(SOLD), flow="loans", source="site")
    tell(store, 2, ended(SOLD), flow="cars", source="site")
    keep(store)
    assert {each.key for each in store.sums("flow", *EVER)} == {"loans", "cars"}
    assert store.leads_by("source", *EVER) == {"site": 2}
    with pytest.raises(ValueError, match="summed up by destination, flow, source"):
        store.sums("outcome", *EVER)


def test_a_window_holds_what_ended_in_it(store: SqliteStore) -> None:
    tell(store, 1, ended(SOLD))
    tell(store, 10, ended(SOLD))
    keep(store)
    end = MOMENT + 2 * SECOND  # of the first one
    assert sum(each.number for each in store.sums("flow", 0, end)) == 0
    assert sum(each.number for each in store.sums("flow", end, end + 1)) == 1
    assert sum(each.number for each in store.sums("flow", end, 2**63 - 1)) == 2


def test_a_bid_is_no_sale_and_a_resolution_takes_the_place_of_what_was_not_known(store: SqliteStore) -> None:
    tell(store, 1, ended(SOLD, is_ping=True), ended(LOST, "buyer"))
    keep(store)
    assert [(each.key, each.arrived) for each in store.sums("destination", *EVER)] == [("buyer", "unknown")]
    resolved = DeliveryResolved(delivery="buyer", destination="buyer", outcome=SOLD)
    store.commit([parcel([Entry(an_id(1), 4, MOMENT + 99 * SECOND, resolved)])])
    keep(store)
    assert [(each.outcome, each.number) for each in store.sums("destination", *EVER)] == [("success", 1)]


def test_percentiles_are_times_that_occurred(store: SqliteStore) -> None:
    tell(store, 1, *(answered(took) for took in range(1, 101)), answered(None))
    tell(store, 2, answered(None, "silent"))
    keep(store)
    crm, silent = sorted(store.times("destination", *EVER))
    assert (crm.attempts, crm.answered, crm.average) == (101, 100, 50.5)
    assert (crm.p50, crm.p95, crm.p99) == (50, 95, 99)
    assert (silent.attempts, silent.answered, silent.p99) == (1, 0, 0)


def test_one_answer_is_every_percentile(store: SqliteStore) -> None:
    tell(store, 1, answered(7))
    keep(store)
    (times,) = store.times("flow", *EVER)
    assert (times.p50, times.p95, times.p99) == (7, 7, 7)


def test_taking_in_page_by_page_changes_nothing(store: SqliteStore) -> None:
    for place in range(1, 8):
        tell(store, place, answered(place), ended(SOLD))
    keep(store, page=1)
    assert sum(each.number for each in store.sums("flow", *EVER)) == 7
    assert store.times("flow", *EVER)[0].attempts == 7
    assert not store.advance(10), "there is nothing left"


def listed(store: SqliteStore, after: int = 0, limit: int = 100, **wanted: object) -> list[int]:
    found = store.matching(
        LeadFilter(**wanted),  # type: ignore[arg-type]
        of(after) if after else b"",
        limit,
        newest_first=True,
    )
    return [int.from_bytes(lead[-4:], "big") for lead in found]


def test_leads_are_found_by_everything_that_is_set(store: SqliteStore) -> None:
    tell(store, 1, ended(SOLD), settled(Result.SUCCESS), source="site")
    tell(store, 2, ended(NO), settled(Result.FAILURE), flow="cars", source="site")
    tell(store, 3, ended(NO), ended(SOLD, "other"), settled(Result.SUCCESS))
    tell(store, 4)
    keep(store)
    assert listed(store) == [4, 3, 2, 1]
    assert listed(store, flow="cars") == [2]
    assert listed(store, source="site", result="success") == [1]
    assert listed(store, result="failure") == [2]
    assert listed(store, destination="crm") == [3, 2, 1]
    assert listed(store, destination="crm", outcome="success") == [1], "of one and the same delivery"
    assert listed(store, outcome="success") == [3, 1]
    assert listed(store, is_open=True) == [4]
    assert listed(store, leads=(of(2), of(4), of(9))) == [4, 2]
    assert listed(store, since=MOMENT + 2 * SECOND, until=MOMENT + 4 * SECOND) == [3, 2]
    assert listed(store, since=MOMENT + 2 * SECOND + 1) == [4, 3]


def test_pages_follow_each_other_whatever_comes_meanwhile(store: SqliteStore) -> None:
    for place in (1, 2, 3, 4):
        tell(store, place)
    assert listed(store, limit=2) == [4, 3]
    tell(store, 5)
    assert listed(store, after=3, limit=2) == [2, 1]
    assert listed(store, after=1) == []


def test_a_family_is_all_that_repeat_each_other(store: SqliteStore) -> None:
    tell(store, 1, settled(Result.FAILURE))
    tell(store, 2, settled(Result.SUCCESS), again_of=an_id(1))
    tell(store, 3, again_of=an_id(2))
    tell(store, 4, again_of=an_id(1))
    tell(store, 9)
    every = [(of(1), "failure"), (of(2), "success"), (of(3), None), (of(4), None)]
    for place in (1, 2, 3, 4):
        assert sorted(store.family(of(place))) == every
    assert store.family(of(9)) == [(of(9), None)]


def test_a_lead_is_known_by_its_flow(store: SqliteStore) -> None:
    tell(store, 1, flow="cars")
    assert store.flow_of(of(1)) == "cars"
    assert store.flow_of(key(9)) is None


def test_leads_from_before_there_were_books_are_in_them(tmp_path: Path) -> None:
    """The schema of an older version is brought up to this one's with all that it holds."""
    import sqlite3  # noqa: PLC0415 (only here)

    from leadrelay.journal import sqlite_file  # noqa: PLC0415

    scripts = sqlite_file._migrations()
    sqlite_file.create(tmp_path)
    old = sqlite3.connect(tmp_path / sqlite_file.DATABASE)
    for version, script in enumerate(scripts[:4], start=1):
        old.executescript(f"{script} PRAGMA user_version = {version};")
    body = '{"lead": {"source": "site"}}'
    old.execute("INSERT INTO facts VALUES (1, ?, 1, 1, 'LeadReceived', ?)", (of(1), body))
    old.execute("INSERT INTO leads VALUES (?, '', '', 'loans', 1, 1, NULL, NULL, NULL)", (of(1),))
    old.commit()
    old.close()
    store = SqliteStore.open(tmp_path)
    keep(store)
    assert listed(store, source="site") == [1]
    store.close()
