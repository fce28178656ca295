"""Each lead finds its own part of a reply, or hears that there is none (behaviour 4.6)."""

from typing import Any

import orjson
import pytest

from leadrelay.core.batch import Batch, Listing
from leadrelay.core.batch_reply import parts
from leadrelay.core.exchange import Reply
from leadrelay.core.reading.content import Content
from leadrelay.core.reading.paths import parse_path

JSON, XML, TEXT = "application/json", "text/xml", "text/plain"
KEYS = ("a", "b")


def batch(**paths: str) -> Batch:
    key = paths.pop("key", "")
    compiled: dict[str, Any] = {name: parse_path(path) for name, path in paths.items()}
    return Batch(most=10, linger=1, listing=Listing(), key=key, **compiled)


def reply(body: Any, kind: str = JSON, status: int = 200) -> Reply:
    written = body if isinstance(body, bytes) else orjson.dumps(body)
    return Reply(status=status, headers=(("Content-Type", kind), ("X-Id", "7")), body=written)


def said(batch: Batch, whole: Reply, keys: tuple[str, ...] = KEYS) -> list[Any]:
    """What each lead is told, as data; None where nothing is."""
    return [None if part is None else orjson.loads(part.body) for part in parts(batch, whole, keys)]


@pytest.mark.parametrize(
    ("paths", "body"),
    [
        ({}, [1, 2]),
        ({"replies": "results"}, {"results": [1, 2]}),
        ({"replies": "data.items"}, {"data": {"items": [1, 2]}}),
        ({"replies": "$.data[*]"}, {"data": [1, 2]}),
    ],
)
def test_by_its_place_in_a_list(paths: dict[str, str], body: Any) -> None:
    assert said(batch(**paths), reply(body)) == [1, 2]


@pytest.mark.parametrize("body", [b"1\n2\n", b"1\r\n\r\n2"])
def test_by_its_line_of_newline_json(body: bytes) -> None:
    assert said(batch(), reply(body, "application/x-ndjson")) == [1, 2]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'id,result\r\nb,no\r\na,"yes, sold"\r\n', "text/csv; charset=utf-8"),
        (b"\xef\xbb\xbf id ;result\nb;no;\na;yes, sold\n", "application/csv"),
    ],
)
def test_by_a_line_of_csv(body: bytes, kind: str) -> None:
    by_key, by_place = batch(key="id", reply_key="id"), batch()
    assert [each["result"] for each in said(by_key, reply(body, kind))] == ["yes, sold", "no"]
    assert [each["id"] for each in said(by_place, reply(body, kind))] == ["b", "a"]
    whole = reply(b'id,result\n"' + b"a" * 200_000 + b"\n", kind)
    assert parts(by_key, whole, KEYS) == [whole, whole]


def test_by_a_key_in_any_order_and_whatever_its_type() -> None:
    items = [{"id": 2, "r": "no"}, {"id": " 1 ", "r": "yes"}, {"id": 3, "r": "nobody's"}]
    found = said(batch(key="id", reply_key="id", replies="results"), reply({"results": items}), ("1", "2"))
    assert [part["r"] for part in found] == ["yes", "no"]


def test_by_a_key_whose_case_the_recipient_has_changed() -> None:
    """Many store an e-mail address in small letters; case does not count (behaviour 6)."""
    lower = [{"id": "ada@x.example", "r": 1}, {"id": "eve@x.example", "r": 2}]
    keys = ("Ada@X.example", "EVE@x.example")
    assert [part["r"] for part in said(batch(key="id", reply_key="id"), reply(lower), keys)] == [1, 2]


def test_keys_that_only_their_case_tells_apart_are_told_apart() -> None:
    found = said(
        batch(key="id", reply_key="id"), reply([{"id": "A", "r": 1}, {"id": "a", "r": 2}]), ("a", "A")
    )
    assert [part["r"] for part in found] == [2, 1]
    assert said(batch(key="id", reply_key="id"), reply([{"id": "A"}]), ("a", "A")) == [None, {"id": "A"}]


def test_by_the_name_of_a_member() -> None:
    assert said(batch(key="id", replies="results"), reply({"results": {"b": 2, "a": 1}})) == [1, 2]


def test_of_two_that_say_of_one_lead_the_first_counts() -> None:
    items = [{"id": "a", "n": 1}, {"id": "a", "n": 2}, {"id": "b", "n": 3}]
    found = said(batch(key="id", reply_key="id"), reply(items))
    assert [part["n"] for part in found] == [1, 3]


def test_a_lead_of_which_nothing_is_said_has_none() -> None:
    assert said(batch(key="id", reply_key="id"), reply([{"id": "b"}])) == [None, {"id": "b"}]
    assert said(batch(key="id", reply_key="id"), reply([])) == [None, None]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"error": "down"}, JSON),
        (b"<html>Bad gateway</html>", "text/html"),
        (b"overloaded", TEXT),
        (b"", TEXT),
        ("accepted", JSON),
    ],
)
@pytest.mark.parametrize("paths", [{}, {"replies": "results"}, {"key": "id", "reply_key": "id"}])
def test_a_reply_without_a_list_is_everybodys(paths: dict[str, str], body: Any, kind: str) -> None:
    whole = reply(body, kind, 502)
    assert parts(batch(**paths), whole, KEYS) == [whole, whole]


@pytest.mark.parametrize("paths", [{}, {"key": "id", "reply_key": "id"}])
def test_an_empty_list_is_nobodys_unless_the_status_tells_of_a_breakdown(paths: dict[str, str]) -> None:
    assert said(batch(**paths), reply([])) == [None, None]
    whole = reply([], status=503)
    assert parts(batch(**paths), whole, KEYS) == [whole, whole]


def test_a_list_of_another_length_is_nobodys_unless_it_tells_of_a_breakdown() -> None:
    assert said(batch(), reply([1])) == [None, None]
    whole = reply([{"error": "too many"}], status=429)
    assert parts(batch(), whole, KEYS) == [whole, whole]


def test_a_part_has_the_status_that_it_names_and_else_that_of_the_whole() -> None:
    items = [{"s": 201}, {"s": "409"}, {"s": 7}, {"s": "x"}, {}, 5]
    found = parts(batch(reply_status="s"), reply(items, status=207), tuple("abcdef"))
    assert [part and part.status for part in found] == [201, 409, 207, 207, 207, 207]


def test_a_part_keeps_the_headers_and_is_json() -> None:
    (part,) = parts(batch(), reply([{}], "application/vnd.x+json"), ("a",))
    assert part is not None
    assert part.headers == (("content-type", JSON), ("X-Id", "7"))


SOAP = (
    b'<s:Envelope xmlns:s="urn:soap" xmlns:t="urn:t"><s:Body><t:Done><t:Sum n="2"/>'
    b'<t:Lead no="b"><t:Id> B1 </t:Id><t:Code>409</t:Code></t:Lead><t:Lead no="a"><t:Id>A1</t:Id></t:Lead>'
    b"</t:Done></s:Body></s:Envelope>"
)
PAGE = (
    b"<html><body><table id=log><tr class=head><th>Lead<th>Result"
    b'<tr class="lead" data-id=b><td>b<td><b>rejected</b><tr class=lead data-id=a><td>a<td>sold</table>'
)


@pytest.mark.parametrize("reply_key", ["/Lead/@no", "//@no", "@no"])
@pytest.mark.parametrize("replies", ["//Lead", "/Envelope/Body/Done/Lead[Id]"])
def test_an_xpath_leads_to_the_items(replies: str, reply_key: str) -> None:
    by = batch(key="id", replies=replies, reply_key=reply_key, reply_status="//Code")
    first, second = parts(by, reply(SOAP, XML), KEYS)
    assert first is not None
    assert second is not None
    assert (b">A1<" in first.body, first.status) == (True, 200)
    assert (b"> B1 <" in second.body, second.status) == (True, 409)


@pytest.mark.parametrize("reply_key", ["css:tr @data-id", "@data-id", "css:td:first-child"])
def test_css_leads_to_the_items_of_a_page(reply_key: str) -> None:
    by = batch(key="id", replies="css:#log tr.lead", reply_key=reply_key)
    first, second = parts(by, reply(PAGE, "text/html"), KEYS)
    assert [part and Content(part).at(parse_path("css:td + td")) for part in (first, second)] == [
        "sold",
        "rejected",
    ]


@pytest.mark.parametrize("replies", ["//Nothing", "css:.nothing", "count(//Lead)"])
@pytest.mark.parametrize(("body", "kind"), [(SOAP, XML), (PAGE, "text/html"), (b'{"a":1}', JSON)])
def test_what_finds_no_item_makes_the_reply_everybodys(replies: str, body: bytes, kind: str) -> None:
    whole = reply(body, kind)
    assert parts(batch(replies=replies), whole, KEYS) == [whole, whole]


@pytest.mark.parametrize(
    ("paths", "body"),
    [
        ({}, b"<rs><r><id>a</id></r><r><id>b</id></r></rs>"),
        ({"replies": "env.rs.r"}, b"<env><rs><r><id>a</id></r><x/><r><id>b</id></r></rs></env>"),
        ({"replies": "rs.r"}, b'<x:rs xmlns:x="urn:x"><x:r><id>a</id></x:r><x:r><id>b</id></x:r></x:rs>'),
        ({"key": "id", "reply_key": "id"}, b"<rs><r><id>b</id></r><r><id>a</id></r></rs>"),
        ({"key": "id", "reply_key": "@id"}, b'<rs><r id="b"><id>b</id></r><r id="a"><id>a</id></r></rs>'),
    ],
)
def test_elements_of_xml_are_documents_of_their_own(paths: dict[str, str], body: bytes) -> None:
    found = parts(batch(**paths), reply(body, XML), KEYS)
    written = [part.body if part else b"" for part in found]
    assert [b"<id>a</id>" in written[0], b"<id>b</id>" in written[1]] == [True, True]
    assert [part and (part.header("content-type") or "")[:15] for part in found] == ["application/xml"] * 2
