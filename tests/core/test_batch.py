"""A batch is put together of requests that were written alone (behaviour 4.6)."""

from leadrelay.core.batch import MAX_BYTES, Listing, batch_key, in_requests, merged
from leadrelay.core.exchange import Request

LIST = Listing(before=b'{"inputs":[', between=b",", after=b"]}")


def member(item: bytes, key: str = "a", item_key: str = "") -> Request:
    headers = (("Idempotency-Key", key), ("X-Mode", key))
    return Request(
        method="POST",
        url="http://buyer/",
        headers=headers,
        body=LIST.of([item]),
        recorded_body=b"masked",
        idempotency_key=key,
        item_key=item_key,
    )


def test_a_list_of_one_gives_its_item_back() -> None:
    assert LIST.item(LIST.of([b'{"a":1}'])) == b'{"a":1}'
    assert Listing(between=b"\n", after=b"\n").item(b"{}\n") == b"{}"
    assert Listing().item(b"1;2\r\n") == b"1;2\r\n"


def test_all_items_stand_in_one_body_under_a_key_of_their_own() -> None:
    request = merged([member(b"1"), member(b"2", "b")], LIST)
    assert request.body == b'{"inputs":[1,2]}'
    key = request.idempotency_key
    assert request.headers == (("Idempotency-Key", key), ("X-Mode", "a"))
    assert (request.recorded_body, key[:6], len(key)) == (None, "batch-", 38)


def test_the_key_is_that_of_the_leads_whatever_their_order() -> None:
    one, two, three = member(b"1"), member(b"2", "b"), member(b"3", "c")
    assert batch_key([one, two]) == batch_key([two, one])
    assert batch_key([one, two]) != batch_key([one, three])


def test_a_request_holds_so_many_bytes_and_a_lead_that_is_larger_goes_alone() -> None:
    half = member(b"x" * (MAX_BYTES // 2))
    assert in_requests([half, half, half]) == [1, 1, 1]
    small = member(b"x" * (MAX_BYTES // 4))
    assert in_requests([small, small, small, small]) == [3, 1]
    assert in_requests([member(b"x" * 2 * MAX_BYTES), small]) == [1, 1]
    assert in_requests([member(b"1")] * 5) == [5]


def test_of_leads_with_one_key_each_goes_in_a_request_of_its_own() -> None:
    keyed = [member(b"1", item_key="x"), member(b"2", item_key="y"), member(b"3", item_key="x")]
    assert in_requests(keyed) == [2, 1]
