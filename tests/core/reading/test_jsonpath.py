"""JSONPath and wildcards in dotted paths (behaviour 6)."""

import pytest

from leadrelay.core.reading.budget import TooMuch
from leadrelay.core.reading.jsonpath import BadPath, find, segments_of

TREE = {
    "status": "failed",
    "errors": [
        {"code": "DUP", "message": "Duplicate", "level": 3},
        {"code": "ZIP", "message": "Bad zip", "level": "1", "fields": ["zip", "state"]},
    ],
    "bids": {"a": {"price": 5, "won": True}, "b": {"price": 7.5, "won": False}},
    "odd.name": {"1984": {"id": 1}},
    "none": None,
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", TREE),
        ("$.status", "failed"),
        ("$['status']", "failed"),
        ("$.errors[0].code", "DUP"),
        ("$.errors[-1].code", "ZIP"),
        ("$.errors[-9].code", None),
        ("$.errors[*].code", ["DUP", "ZIP"]),
        ("errors.*.message", ["Duplicate", "Bad zip"]),
        ("errors[*].message", ["Duplicate", "Bad zip"]),
        ("bids.*.price", [5, 7.5]),
        ("*.a.price", 5),
        ("$..price", [5, 7.5]),
        ("$..fields[0]", "zip"),
        ("$..*[?@.won == true].price", 5),
        ("$.errors[0:1].code", "DUP"),
        ("$.errors[::-1].code", ["ZIP", "DUP"]),
        ("$.errors[1:].code", "ZIP"),
        ("$.errors[0]['code', 'message']", ["DUP", "Duplicate"]),
        ("$.errors[0,1].code", ["DUP", "ZIP"]),
        ("$.errors[?(@.code == 'dup')].message", "Duplicate"),
        ("$.errors[?@.code=='ZIP' && @.level < 2].message", "Bad zip"),
        ("$.errors[?@.level >= 1].code", ["DUP", "ZIP"]),
        ("$.errors[?@.fields].code", "ZIP"),
        ("$.errors[?!@.fields].code", "DUP"),
        ("$.errors[?(@.code == 'X' || (@.level == 3))].code", "DUP"),
        ("$.errors[?@.message =~ /^dup/i].code", "DUP"),
        ("$.errors[?search(@.message, 'zip')].code", "ZIP"),
        ("$.errors[?match(@.message, 'zip')].code", None),
        ("$.errors[?length(@.fields) == 2].code", "ZIP"),
        ("$.errors[?count(@.fields) == 2].code", "ZIP"),
        ("$.errors[?@.message != 'Bad zip'].code", "DUP"),
        ("$.errors[?@.code == $.errors[0].code].level", 3),
        ("$.errors[?@.gone == null].code", None),
        ("$.errors[?@.level == '3'].code", "DUP"),
        ("$.bids[?@.price > -1.5].price", [5, 7.5]),
        ("$['odd.name']['1984'].id", 1),
        ("$['odd.name'].'1984'.id", 1),
        ("$.none", None),
        ("$.gone.deeper", None),
        ("$.status.deeper[0]", None),
    ],
)
def test_a_path_leads_where_jsonpath_says(path: str, found: object) -> None:
    assert find(TREE, segments_of(path)) == found


@pytest.mark.parametrize(
    "path",
    [
        "$.",
        "$[",
        "$[]",
        "$.a[",
        "$.a[1",
        "$.a[?]",
        "$.a[?@.b ==]",
        "$.a[?(@.b]",
        "$.a b[(",
        "a[x]",
        "$a",
        "$.a[1:2:3:4]",
        "$.a[?@.b =~ /(/]",
        "$[?" + "(" * 30 + "@.a" + ")" * 30 + "]",
        "$." + "a" * 1001,
        "$.a[?length(@.b, 1)]",
        "$.a[?match(@.b, @.c)]",
        "$.a[?@.b =~ @.c]",
        "$" + "[?@" * 300,
        "$[?" + "!" * 900,
    ],
)
def test_what_is_not_understood_is_refused(path: str) -> None:
    with pytest.raises(BadPath):
        segments_of(path)


def test_a_reply_made_to_take_long_is_given_up() -> None:
    tree = {"a": [{"b": 1}] * 30_000}
    with pytest.raises(TooMuch):
        find(tree, segments_of("$..[?@..b]"))
