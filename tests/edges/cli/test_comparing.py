"""What an example expects beside what there is: subsets hold, and every difference is told once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.exchange import Request, record_request
from leadrelay.edges.cli.comparing import in_body, in_data, in_headers, in_url

JSON, FORM = "application/json; charset=utf-8", "application/x-www-form-urlencoded"


def a_request(body: bytes = b"", kind: str = JSON, *, shown: bytes | None = None, **more: Any) -> Request:
    return Request(
        method="POST",
        url="https://b.example/leads?v=1&tag=a&tag=b&key=%2A%2A%2A",
        headers=(("Content-Type", kind), ("X-Key", "hunter2"), ("X-Id", "7")),
        body=body,
        recorded_body=shown,
        secret_headers=frozenset({"x-key"}),
        secret_params=frozenset({"key"}),
        **more,
    )


def body_differences(expected: object, request: Request) -> list[str]:
    return list(map(str, in_body(expected, request, record_request(request))))


def data_differences(expected: Any, found: Any) -> list[str]:
    return list(map(str, in_data(expected, found, found, "x")))


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": {"b": [1, {"c": 2}]}}, {"a": {"b": [1, {"c": 2, "d": 3}], "e": 4}}),
        ({"a": None}, {}),
        ({"a": None}, {"a": None}),
        ({"a": 5}, {"a": 5.0}),
        ([], []),
        ("x", "x"),
        (None, None),
    ],
)
def test_what_is_expected_has_to_be_there_and_there_may_be_more(expected: object, found: object) -> None:
    assert data_differences(expected, found) == []


@pytest.mark.parametrize(
    ("expected", "found", "difference"),
    [
        ({"a": 1}, {"a": 2}, "x.a: expected 1, found 2"),
        ({"a": 1}, {}, "x.a: expected 1, found nothing"),
        ({"a": None}, {"a": ""}, 'x.a: expected nothing, found ""'),
        ({"a": "6000"}, {"a": 6000}, 'x.a: expected "6000", found 6000'),
        ({"a": True}, {"a": 1}, "x.a: expected true, found 1"),
        ({"a": 1}, {"a": True}, "x.a: expected 1, found true"),
        ({"a": [1]}, {"a": [1, 2]}, "x.a: expected [1], found [1,2]"),
        ({"a": [1, 2]}, {"a": [1, 3]}, "x.a[1]: expected 2, found 3"),
        ({"a": {"b": 1}}, {"a": "b"}, 'x.a: expected {"b":1}, found "b"'),
        ({"a": {"b": 1}}, [1], 'x: expected {"a":{"b":1}}, found [1]'),
        ({"a": [1]}, {"a": {"0": 1}}, 'x.a: expected [1], found {"0":1}'),
    ],
)
def test_a_difference_has_its_place_and_both_sides(expected: object, found: object, difference: str) -> None:
    assert data_differences(expected, found) == [difference]


def test_every_difference_is_told_in_order_of_its_name() -> None:
    assert [line.partition(":")[0] for line in data_differences({"b": 1, "a": {"c": 1}}, {"a": {}})] == [
        "x.a.c",
        "x.b",
    ]


_DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(_DATA)
def test_data_differs_in_nothing_from_itself(data: object) -> None:
    assert data_differences(data, data) == []


def test_json_is_compared_as_data_also_where_a_text_is_expected() -> None:
    request = a_request(b'{"a": 1, "b": [true]}')
    assert body_differences({"b": [True]}, request) == []
    assert body_differences('{ "a" : 1.0 }', request) == []
    assert body_differences("a=1", request) == ['request.body: expected "a=1", found {"a":1,"b":[true]}']


def test_a_body_that_says_nothing_of_its_kind_is_compared_as_data_if_it_is_json() -> None:
    request = Request(
        method="leadrelay.v1.DeliveryService/Deliver", url="local:", body=b'{"flow":"a","lead":{}}'
    )
    assert body_differences({"flow": "a"}, request) == []
    assert body_differences("some text", Request(method="POST", url="", body=b"some text")) == []


def test_a_form_is_compared_by_its_parameters() -> None:
    request = a_request(b"a=1&b=x%20y&c=1&c=2&d=", FORM)
    assert body_differences({"a": 1, "b": "x y", "c": [1, "2"], "d": "", "e": None}, request) == []
    assert body_differences("b=x+y&a=1", request) == []
    assert body_differences({"a": 2, "b": None, "c": [1], "e": "x"}, request) == [
        'request.body.a: expected "2", found "1"',
        'request.body.b: expected nothing, found "x y"',
        'request.body.c: expected "1", found ["1","2"]',
        'request.body.e: expected "x", found nothing',
    ]
    assert body_differences([1], a_request(b"a=1", FORM)) == ["request.body: expected [1], found a form"]


def test_anything_else_is_compared_as_its_text() -> None:
    request = a_request("<a>\u00e9</a>".encode(), "application/xml")
    assert body_differences("<a>\u00e9</a>", request) == []
    (difference,) = body_differences("<a/>", request)
    assert difference == 'request.body: expected "<a/>", found "<a>\u00e9</a>"'


def test_no_body_is_nothing() -> None:
    assert body_differences({"a": 1}, a_request()) == ['request.body: expected {"a":1}, found nothing']


@pytest.mark.parametrize(
    ("body", "shown", "kind", "expected"),
    [
        (b'{"ssn": "078-05-1120"}', b'{"ssn": "***"}', JSON, {"ssn": "078-05-1121"}),
        (b'{"a": {"b": ["078-05-1120"]}}', b'{"a": "***"}', JSON, {"a": {"b": ["x"]}}),
        (b'{"n": 78051120}', b'{"n": ***}', JSON, {"n": 1}),
        (b"ssn=078-05-1120", b"ssn=***", FORM, {"ssn": "x"}),
        (b"<ssn>078-05-1120</ssn>", b"<ssn>***</ssn>", "text/xml", "<ssn>x</ssn>"),
    ],
)
def test_a_sensitive_value_is_compared_and_never_told(
    body: bytes, shown: bytes, kind: str, expected: object
) -> None:
    (difference,) = body_differences(expected, a_request(body, kind, shown=shown))
    assert "expected another value, found one that is sensitive and not shown" in difference


def test_a_sensitive_value_that_is_as_expected_is_no_difference() -> None:
    request = a_request(b'{"ssn": "078-05-1120"}', shown=b'{"ssn": "***"}')
    assert body_differences({"ssn": "078-05-1120"}, request) == []


def test_headers_are_found_by_any_spelling_and_proofs_are_masked() -> None:
    request = a_request()

    def differences(**expected: str) -> list[str]:
        named = {name.replace("_", "-"): value for name, value in expected.items()}
        return list(map(str, in_headers(named, request, record_request(request))))

    assert differences(x_key="***", X_ID="7", X_None="") == []
    assert differences(X_Key="hunter2", X_Id="", X_None="1") == [
        'request.headers.X-Id: expected nothing, found "7"',
        'request.headers.X-Key: expected "hunter2", found "***"',
        'request.headers.X-None: expected "1", found nothing',
    ]


def test_an_address_has_to_be_the_same_and_its_query_to_have_what_is_expected() -> None:
    request = a_request()

    def differences(url: str) -> list[str]:
        return list(map(str, in_url(url, request, record_request(request))))

    assert differences("https://b.example/leads") == []
    assert differences("https://b.example/leads?tag=a&tag=b&key=***") == []
    assert differences("https://b.example/lead?v=2&tag=a&x=1") == [
        'request.url: expected "https://b.example/lead", found "https://b.example/leads"',
        'request.url?tag: expected "a", found ["a","b"]',
        'request.url?v: expected "2", found "1"',
        'request.url?x: expected "1", found nothing',
    ]
