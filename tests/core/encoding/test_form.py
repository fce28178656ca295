"""Forms and queries (behaviour 3.5)."""

from decimal import Decimal
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.encoding import Body, Format, Payload, append_query, compile_body
from leadrelay.core.values import Value

FORM = compile_body(Body(format=Format.FORM))


def written(payload: dict[str, Value]) -> str:
    return FORM.encode(Payload(payload)).decode()


@pytest.mark.parametrize(
    ("payload", "form"),
    [
        ({}, ""),
        ({"a": "b c+d&e=é"}, "a=b%20c%2Bd%26e%3D%C3%A9"),
        ({"lead[name]": "x", "a.b": "y"}, "lead%5Bname%5D=x&a.b=y"),  # names as written
        ({"tag": ["x", "y"]}, "tag=x&tag=y"),
        ({"tag.0": "x", "tag.1": "y"}, "tag=x&tag=y"),
        ({"a.0.b": "x"}, "a.0.b=x"),  # only a trailing number repeats a name
        ({"[input_1.3]": "x", "[input_2.1]": ["y", 5]}, "input_1.3=x&input_2.1=y&input_2.1=5"),
        ({"[a][1]": "x", "[]": "y", "[b": "z"}, "%5Ba%5D%5B1%5D=x&%5B%5D=y&%5Bb=z"),
        ({"0": "x", "address_1": "y"}, "0=x&address_1=y"),
        ({"a": None, "b": ""}, "b="),
        ({"a": True, "b": 12.0, "c": Decimal("1.50")}, "a=true&b=12&c=1.50"),
        ({"a": {"b": 1, "c": [2, None, 3]}}, "a.b=1&a.c=2&a.c=3"),
        ({"~-._": "*'()"}, "~-._=%2A%27%28%29"),
    ],
)
def test_a_form_is_pairs_as_mapped(payload: dict[str, Value], form: str) -> None:
    assert written(payload) == form


def test_a_form_has_its_content_type_and_a_query_none() -> None:
    assert FORM.content_type == "application/x-www-form-urlencoded"
    assert compile_body(Body(format=Format.QUERY)).content_type == ""


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("https://x/p", "https://x/p?a=1"),
        ("https://x/p?b=2", "https://x/p?b=2&a=1"),
        ("https://x/p?", "https://x/p?a=1"),
        ("https://x/p?b=2&", "https://x/p?b=2&a=1"),
        ("https://x/p#top", "https://x/p?a=1#top"),
    ],
)
def test_a_query_joins_what_the_url_has(url: str, whole: str) -> None:
    assert append_query(url, "a=1") == whole
    assert append_query(url, "") == url


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(_TEXTS.filter(lambda name: not name[-1:].isdigit() and name[:1] != "["), _TEXTS))
def test_a_form_reads_back_the_same(payload: dict[str, Value]) -> None:
    assert dict(parse_qsl(written(payload), keep_blank_values=True)) == payload
