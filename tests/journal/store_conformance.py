"""What every Store has to do, whichever database is behind it.

Subclass it in the test of a store and give it the fixture `open_store`: a function that opens the
same database again each time it is called, after the store it returned before was closed.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from journal.samples import MOMENT, a_secret, key, lead_id, parcel, parking, receipt, row, settlement
from leadrelay.core.errors import AlreadyReceived, JournalError
from leadrelay.core.limits.caps import Claim
from leadrelay.journal.store import (
    CatalogNote,
    Committed,
    Counts,
    Parcel,
    Place,
    PlaceChange,
    Release,
    Sale,
    Store,
)

OpenStore = Callable[[], Store]
ALL = 1000


class StoreConformance:
    @pytest.fixture
    def store(self, open_store: OpenStore) -> Iterator[Store]:
        store = open_store()
        yield store
        store.close()

    def test_rows_of_a_lead_come_back_in_order_and_byte_for_byte(self, store: Store) -> None:
        body = json.dumps({"words": 'quotes " and Grüße'}, ensure_ascii=False).encode()
        later = [row(1, 2, body), row(1, 3)]
        store.commit([receipt(1), receipt(2), parcel(*later)])
        assert store.read(key(1), 0, ALL) == [*receipt(1).rows, *later]
        assert store.read(key(1), 2, ALL) == [row(1, 3)]
        assert store.read(key(1), 0, 2) == [*receipt(1).rows, later[0]]
        assert store.read(key(3), 0, ALL) == []

    def test_places_among_all_facts_rise_in_the_order_of_the_batches(self, store: Store) -> None:
        assert (store.last(), store.since(0, ALL)) == (0, [])
        first = store.commit([receipt(2), receipt(1)])
        second = store.commit([parcel(row(2, 2))])
        found = store.since(0, ALL)
        assert [line for _, line in found] == [*receipt(2).rows, *receipt(1).rows, row(2, 2)]
        places = [place for place, _ in found]
        assert places == sorted(set(places))
        assert places[1:] == [first.last, second.last]
        assert store.last() == second.last
        assert store.since(places[0], 1) == found[1:2]

    def test_what_was_committed_is_there_after_reopening(self, open_store: OpenStore) -> None:
        store = open_store()
        last = store.commit([receipt(1, request_id="r-1"), parcel(row(1, 2))]).last
        store.close()
        again = open_store()
        assert again.read(key(1), 0, ALL) == [*receipt(1).rows, row(1, 2)]
        assert (again.find("r-1"), again.last()) == (key(1), last)
        assert again.commit([parcel(row(1, 3))]).last > last
        again.close()

    def test_a_request_id_finds_its_lead_and_an_empty_one_finds_none(self, store: Store) -> None:
        store.commit([receipt(1, request_id="r-1"), receipt(2), receipt(3)])
        assert store.find("r-1") == key(1)
        assert store.find("r-2") is None
        assert store.find("") is None

    def test_a_request_id_taken_in_the_same_batch_refuses_that_lead_alone(self, store: Store) -> None:
        batch = [
            receipt(1, request_id="r-1", digest="one"),
            receipt(2, request_id="r-1", digest="two"),
            parcel(row(2, 2)),
            parcel(row(1, 2)),
            receipt(3, request_id="r-3"),
        ]
        refused = store.commit(batch).refused
        assert sorted(refused) == [1, 2]
        assert isinstance(refused[1], AlreadyReceived)
        assert (refused[1].lead_id, refused[1].digest) == (lead_id(1), "one")
        assert isinstance(refused[2], JournalError)
        assert store.read(key(2), 0, ALL) == []
        assert store.read(key(1), 0, ALL) == [*receipt(1).rows, row(1, 2)]
        assert store.unsettled(b"", ALL) == [key(1), key(3)]

    def test_a_request_id_taken_earlier_refuses_the_lead_for_good(self, open_store: OpenStore) -> None:
        store = open_store()
        store.commit([receipt(1, request_id="r-1", digest="one")])
        store.close()
        store = open_store()
        refused = store.commit([receipt(2, request_id="r-1"), receipt(3)]).refused
        assert [type(refused[0]), *refused] == [AlreadyReceived, 0]
        refused = store.commit([parcel(row(2, 2)), parcel(row(3, 2))]).refused
        assert [type(refused[0]), *refused] == [JournalError, 0]
        assert store.counts() == Counts(leads=2, settled=0, facts=3)
        store.close()

    @pytest.mark.parametrize("number", [1, 2, 4, 0, -1])
    def test_a_row_that_does_not_follow_is_refused_and_the_others_are_kept(
        self, store: Store, number: int
    ) -> None:
        store.commit([receipt(1), receipt(2), parcel(row(1, 2))])
        refused = store.commit([parcel(row(2, 2)), parcel(row(1, number)), parcel(row(2, 3))]).refused
        assert list(refused) == [1]
        assert lead_id(1) in str(refused[1])
        assert [line.number for line in store.read(key(1), 0, ALL)] == [1, 2]
        assert [line.number for line in store.read(key(2), 0, ALL)] == [1, 2, 3]

    def test_a_parcel_is_recorded_whole_or_not_at_all(self, store: Store) -> None:
        store.commit([receipt(1)])
        mixed = Parcel([row(1, 2), *receipt(2).rows, row(1, 4)], receipts=receipt(2).receipts, turns=())
        assert list(store.commit([mixed, parcel(row(1, 2), row(1, 3))]).refused) == [0]
        assert [line.number for line in store.read(key(1), 0, ALL)] == [1, 2, 3]
        assert store.unsettled(b"", ALL) == [key(1)]

    def test_a_value_beyond_the_database_harms_only_its_own_parcel(self, store: Store) -> None:
        huge = row(1, 2)._replace(at=2**70)
        refused = store.commit([receipt(1), parcel(huge), receipt(2)]).refused
        assert [type(refused[1]), *refused] == [JournalError, 1]
        assert store.counts().leads == 2

    def test_a_refused_batch_leaves_the_store_ready_for_the_next(self, store: Store) -> None:
        assert list(store.commit([parcel(row(1, 2))]).refused) == [0]
        assert store.commit([receipt(1)]).refused == {}
        last = store.commit([parcel(row(1, 2))]).last
        assert store.last() == last

    def test_unsettled_leads_come_page_by_page_in_order_of_receipt(self, store: Store) -> None:
        store.commit([receipt(place) for place in (5, 1, 4, 2, 3)])
        store.commit([settlement(4, 2)])
        assert store.unsettled(b"", 2) == [key(1), key(2)]
        assert store.unsettled(key(2), 2) == [key(3), key(5)]
        assert store.unsettled(key(5), 2) == []

    def test_a_lead_may_be_settled_again(self, store: Store) -> None:
        store.commit([receipt(1), settlement(1, 2, "unresolved")])
        store.commit([parcel(row(1, 3)), settlement(1, 4, "success")])
        assert store.unsettled(b"", ALL) == []
        assert store.counts() == Counts(leads=1, settled=1, facts=4)

    def test_parked_leads_come_page_by_page_in_the_order_in_which_they_are_due(self, store: Store) -> None:
        store.commit([receipt(place) for place in range(1, 7)])
        store.commit([parking(1, 2, 30), parking(2, 2, 10), parking(4, 2, 20), parking(3, 2, 20)])
        assert store.due((0, b""), 2) == [(10, key(2)), (20, key(3))]
        assert store.due((20, key(3)), 2) == [(20, key(4)), (30, key(1))]
        assert store.due((30, key(1)), 2) == []
        assert store.unsettled(b"", ALL) == [key(5), key(6)], "a parked lead is not taken up before its time"

    def test_a_parked_lead_may_be_parked_anew_and_leaves_when_it_settles(self, store: Store) -> None:
        store.commit([receipt(1), receipt(2), parking(1, 2, 10), parking(2, 2, 10)])
        store.commit([parking(1, 3, 40), settlement(2, 3)])
        assert store.due((0, b""), ALL) == [(40, key(1))]
        assert store.unsettled(b"", ALL) == []
        store.commit([parking(2, 4, 5), settlement(2, 5)])
        assert store.due((0, b""), ALL) == [(40, key(1))], "what comes last in a batch holds"

    def test_who_waits_for_a_cap_comes_page_by_page_in_order_of_receipt(self, store: Store) -> None:
        store.commit([receipt(place) for place in range(1, 6)])
        store.commit([parking(3, 2, 10, crm="a"), parking(1, 2, 30, crm="a", dialer="b"), parking(4, 2, 20)])
        store.commit([parking(2, 2, 20, crm="a", second="a")])
        assert store.waiting("a", (b"", ""), 2) == [(key(1), "crm"), (key(2), "crm")]
        assert store.waiting("a", (key(2), "crm"), ALL) == [(key(2), "second"), (key(3), "crm")]
        assert store.waiting("b", (b"", ""), ALL) == [(key(1), "dialer")]
        assert store.waited_for() == ["a", "b"]

    def test_a_lead_waits_for_nothing_once_it_is_parked_for_something_else_or_settles(
        self, store: Store
    ) -> None:
        assert store.waited_for() == []
        store.commit([receipt(1), receipt(2), parking(1, 2, 10, crm="a"), parking(2, 2, 10, crm="a")])
        store.commit([parking(1, 3, 40, crm="b"), settlement(2, 3)])
        assert store.waited_for() == ["b"]
        store.commit([parking(1, 4, 40, crm="b"), settlement(1, 5)])
        assert store.waited_for() == [], "what comes last in a batch holds"

    def test_a_body_may_be_large(self, store: Store) -> None:
        body = b'"' + b"x" * (20 * 1024 * 1024) + b'"'
        store.commit([receipt(1), parcel(row(1, 2, body))])
        assert store.read(key(1), 1, ALL) == [row(1, 2, body)]

    def test_cursors_are_remembered_by_name(self, open_store: OpenStore) -> None:
        store = open_store()
        assert store.cursor("traces") == 0
        store.move_cursor("traces", 7)
        store.move_cursor("traces", 12)
        store.move_cursor("counts", 3)
        store.close()
        again = open_store()
        assert [again.cursor(name) for name in ("traces", "counts", "other")] == [12, 3, 0]
        again.close()

    def test_every_catalog_keeps_its_version(self, store: Store) -> None:
        assert store.latest_catalog() is None
        assert [store.save_catalog(body, MOMENT + 1) for body in (b"one", b"three", b"\x00\xff")] == [1, 2, 3]
        assert store.catalog(2) == b"three"
        assert store.catalog(4) is None
        assert store.latest_catalog() == (3, b"\x00\xff")
        assert store.catalogs()[1] == CatalogNote(version=2, at=MOMENT + 1, size=5)
        assert [note.version for note in store.catalogs()] == [1, 2, 3]

    def test_secrets_come_back_byte_for_byte_and_in_order_of_name(self, open_store: OpenStore) -> None:
        store = open_store()
        assert store.secrets() == []
        large = a_secret("b.large", content=bytes(range(256)) * 256)
        for secret in (a_secret("c"), large, a_secret("A-1")):
            store.put_secret(secret)
        store.close()
        again = open_store()
        assert again.secrets() == [a_secret("A-1"), large, a_secret("c")]
        again.close()

    def test_a_secret_put_again_replaces_the_one_before(self, store: Store) -> None:
        store.put_secret(a_secret("a"))
        store.put_secret(a_secret("b"))
        newer = a_secret("a", version=2, content=b"other")
        store.put_secret(newer)
        assert store.secrets() == [newer, a_secret("b")]

    def test_deleted_secrets_are_gone_and_counted(self, store: Store) -> None:
        for name in "abc":
            store.put_secret(a_secret(name))
        assert store.delete_secrets(["a", "c", "missing"]) == 2
        assert store.delete_secrets(["a"]) == 0
        assert store.delete_secrets([]) == 0
        assert store.secrets() == [a_secret("b")]

    def test_rewrapping_takes_over_key_and_data_key_alone(self, store: Store) -> None:
        store.put_secret(a_secret("a"))
        store.put_secret(a_secret("b"))
        rewrapped = replace(a_secret("a"), key_id="new", data_key=b"new", content=b"not taken over")
        assert store.rewrap_secrets([rewrapped]) == 1
        assert store.secrets() == [replace(a_secret("a"), key_id="new", data_key=b"new"), a_secret("b")]
        assert store.rewrap_secrets([]) == 0

    def test_rewrapping_leaves_what_was_changed_since_it_was_read(self, store: Store) -> None:
        """Another process may have put or deleted it meanwhile; its newer value must stay readable."""
        for name in "abcd":
            store.put_secret(a_secret(name))
        rewrapped = [replace(secret, key_id="new", data_key=b"new") for secret in store.secrets()]
        store.put_secret(a_secret("a", version=2))
        store.put_secret(replace(a_secret("b"), updated_at=MOMENT + 1))
        store.delete_secrets(["c"])
        assert store.rewrap_secrets(rewrapped) == 1
        assert {secret.name: secret.key_id for secret in store.secrets()} == {
            "a": "old",
            "b": "old",
            "d": "new",
        }

    def test_a_parcel_that_draws_has_the_next_number_of_each_pool(self, open_store: OpenStore) -> None:
        store = open_store()
        drawn = store.commit([draws(1, "loans/1"), receipt(2), draws(3, "loans/1", "loans/2")]).drawn
        assert {place: json.loads(line.body)["turns"] for place, line in drawn.items()} == {
            0: {"loans/1": 1},
            2: {"loans/1": 2, "loans/2": 1},
        }
        assert store.read(key(3), 0, ALL) == [drawn[2]]
        store.close()
        again = open_store()
        assert turns(again.commit([draws(4, "loans/1")])) == [{"loans/1": 3}]
        again.close()

    def test_a_parcel_that_is_refused_draws_nothing(self, store: Store) -> None:
        store.commit([receipt(1, request_id="r-1")])
        batch = [draws(2, "loans/1"), draws(3, "loans/1", request_id="r-1"), draws(4, "loans/1")]
        committed = store.commit(batch)
        assert list(committed.refused) == [1]
        assert turns(committed) == [{"loans/1": 1}, {"loans/1": 2}]

    def test_a_place_is_held_until_it_is_sold_or_released(self, open_store: OpenStore) -> None:
        store = open_store()
        first, second = Place(key(1), "crm", CLAIM), Place(key(2), "crm", CLAIM)
        store.commit([held(1, first), held(2, second)])
        assert (sorted(store.places()), store.sold()) == ([first, second], [])
        sale: list[PlaceChange] = [Sale(key(1), "crm", CLAIM.cap, Decimal("12.50")), Release(key(1), "crm")]
        store.commit([Parcel([row(1, 2)], places=sale), Parcel([row(2, 2)], places=[Release(key(2), "crm")])])
        store.close()
        again = open_store()
        ((claim, count),) = again.sold()
        assert again.places() == []
        assert (claim.cap, claim.period, claim.ends_at) == (CLAIM.cap, CLAIM.period, CLAIM.ends_at)
        assert (count.sold, count.held, count.spent) == (1, 0, Decimal("12.50"))
        again.close()

    def test_a_sale_that_is_told_twice_counts_once(self, store: Store) -> None:
        store.commit([held(1, Place(key(1), "crm", CLAIM))])
        sale: list[PlaceChange] = [Sale(key(1), "crm", CLAIM.cap, Decimal("12.50")), Release(key(1), "crm")]
        store.commit([Parcel([row(1, 2)], places=sale)])
        store.commit([Parcel([row(1, 3)], places=sale)])
        ((_, count),) = store.sold()
        assert (count.sold, count.spent) == (1, Decimal("12.50"))

    def test_a_parcel_that_is_refused_changes_no_place(self, store: Store) -> None:
        store.commit([receipt(1, request_id="r-1")])
        line = Place(key(2), "crm", CLAIM)
        twice = receipt(2, request_id="r-1")
        refused = store.commit([Parcel(twice.rows, twice.receipts, places=[line]), receipt(3)]).refused
        assert list(refused) == [0]
        assert store.places() == []


def draws(place: int, *pools: str, request_id: str = "") -> Parcel:
    """A lead's first row that draws from these."""
    return replace(receipt(place, request_id=request_id), pools=pools)


def turns(committed: Committed) -> list[dict[str, int]]:
    return [json.loads(line.body)["turns"] for _, line in sorted(committed.drawn.items())]


CLAIM = Claim(
    cap="crm/tx/day",
    period="2026-11-30",
    ends_at=MOMENT,
    money=Decimal("25.00"),
    currency="USD",
    price=Decimal("20.5"),
)


def held(place: int, line: Place) -> Parcel:
    """A lead's first row with a place that it holds."""
    first = receipt(place)
    return Parcel(first.rows, first.receipts, places=[line])
