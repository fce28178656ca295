"""LeadConduit's settings mean what they mean there (behaviour 6).

What its custom integration does with a reply, case by case, as its own tests have it; and where it has a
defect, what is done instead.
"""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode
from leadrelay.core.reading import CodeRule, LeadConduitSpec, OnMatch, Reading, ReadingSpec, compile_reading
from leadrelay.core.values import NotCompiled

SUCCESS, FAILURE, ERROR = Kind.SUCCESS, Kind.HARD_REJECT, Kind.SYSTEM_ERROR


def settings(**given: Any) -> Reading:
    beside = {name: given.pop(name) for name in ("currency", "codes", "namespaces") if name in given}
    return compile_reading(ReadingSpec(leadconduit=LeadConduitSpec(**given), **beside))


def reply_of(body: str | bytes, content_type: str, status: int = 200, *cookies: str) -> Reply:
    headers = (("Content-Type", content_type), *(("Set-Cookie", cookie) for cookie in cookies))
    return Reply(status=status, headers=headers, body=body.encode() if isinstance(body, str) else body)


def as_json(data: object, status: int = 200) -> Reply:
    return reply_of(json.dumps(data, indent=2), "application/json", status)


def as_text(body: str, status: int = 200) -> Reply:
    return reply_of(body, "text/plain", status)


def as_html(body: str) -> Reply:
    return reply_of(f"<html><body>{body}</body></html>", "text/html; charset=UTF-8")


def as_xml(body: str) -> Reply:
    return reply_of(f"<?xml version='1.0'?>\n{body}\n", "text/xml")


FOO = {
    "json": as_json({"foo": "bar"}),
    "text": as_text("foo"),
    "html": as_html("<div>foo</div>"),
    "xml": as_xml("<foo>bar</foo>"),
}


@pytest.mark.parametrize("kind", FOO)
@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ({}, SUCCESS),
        ({"outcome_on_match": OnMatch.SUCCESS}, SUCCESS),
        ({"outcome_on_match": OnMatch.FAILURE}, FAILURE),
        ({"outcome_on_match": OnMatch.ERROR}, ERROR),
        ({"outcome_search_term": "foo"}, SUCCESS),
        ({"outcome_search_term": " FOO "}, SUCCESS),
        ({"outcome_search_term": "bip"}, FAILURE),
        ({"outcome_search_term": "foo", "outcome_on_match": OnMatch.FAILURE}, FAILURE),
        ({"outcome_search_term": "bip", "outcome_on_match": OnMatch.FAILURE}, SUCCESS),
        ({"outcome_search_term": "foo", "outcome_on_match": OnMatch.ERROR}, ERROR),
        ({"outcome_search_term": "bip", "outcome_on_match": OnMatch.ERROR}, SUCCESS),
        ({"outcome_search_term": "f[a-z]o"}, SUCCESS),
        ({"outcome_search_term": "/f[a-z]o/"}, SUCCESS),
        ({"outcome_search_term": "/F.O/g"}, SUCCESS),
        ({"outcome_search_term": "/f[0-9]o/i"}, FAILURE),
    ],
)
def test_the_term_is_searched_in_the_whole_body_and_a_miss_is_the_inverse(
    kind: str, given: dict[str, Any], outcome: Kind
) -> None:
    assert settings(**given).read(FOO[kind]).kind is outcome


@pytest.mark.parametrize(
    ("reply", "path", "term", "outcome"),
    [
        (as_json({"baz": {"bip": "foo"}}), "baz.bip", "foo", SUCCESS),
        (as_json({"baz": {"bip": "barfoobaz"}}), "baz.bip", "foo", SUCCESS),
        (as_json({"baz": {"bip": "FOO"}}), "baz.bip", "foo", SUCCESS),
        (as_json({"baz": {"bip": "foo"}}), "baz.bip", "bip", FAILURE),
        (as_json({"x": "bip", "baz": {"bip": "foo"}}), "baz.bip", "bip", FAILURE),
        (as_json({"success": True, "note": "x"}), "success", "true", SUCCESS),
        (as_json({"success": False, "note": "true!"}), "success", "true", FAILURE),
        (as_json({"code": 0}), "code", "^0$", SUCCESS),
        (as_json({"all": ["no", "yes"]}), "all", "^yes$", SUCCESS),
        (as_json({"all": [{"ok": 1}]}), "all[0].ok", "1", SUCCESS),
        (as_json([{"ok": "yes"}]), "array.0.ok", "yes", SUCCESS),
        (as_json({"1984": {"ok": "yes"}}), "1984.ok", "yes", SUCCESS),
        (as_json({"ok": None}), "ok", ".*", FAILURE),
        (as_json({"ok": "yes"}), "gone", "yes", FAILURE),
        (as_xml("<baz><bip>foo</bip></baz>"), "/baz/bip/text()", "foo", SUCCESS),
        (as_xml("<baz><bip>foo</bip></baz>"), "/baz/bip/text()", "bip", FAILURE),
        (as_xml("<y><x>bip</x><baz><bip>foo</bip></baz></y>"), "/baz/bip/text()", "bip", FAILURE),
        (as_xml("<baz>foo</baz>"), "/baz", "foo", SUCCESS),
        (as_xml("<baz>foo</baz>"), "/baz", "^foo$", SUCCESS),
        (as_xml("<r code='7'><a/></r>"), "/r", "code=.7", SUCCESS),  # an element as it is written
        (as_xml("<r code='7'/>"), "/r/@code", "^7$", SUCCESS),
        (as_xml("<r><a>1</a><a>2</a></r>"), "//a/text()", "^2$", SUCCESS),
        (as_xml("<s:r xmlns:s='urn:s'><s:ok>1</s:ok></s:r>"), "//*[local-name()='ok']/text()", "1", SUCCESS),
        (as_xml("<baz><bip>foo</bip></baz>"), "baz/bip/text()", "foo", SUCCESS),
        (as_html("<div>foo</div>"), "div", "foo", SUCCESS),
        (as_html("<div><span>foo</span></div>"), "div span", "foo", SUCCESS),
        (as_html("<div id='bar'>foo</div>"), 'div[id="bar"]', "foo", SUCCESS),
        (as_html("<div>bar</div><div>foo</div>"), "div", "foo", SUCCESS),
        (as_html("<div id=one>bar</div><div id=other>foo</div>"), 'div[id="one"]', "foo", FAILURE),
        (as_html('<div id="bar">foo</div>'), "body", 'id="[a-z]+">foo<', SUCCESS),
        (as_html("<dibaz</div>"), "div", "foo", FAILURE),
        (as_text("all is foo"), "some.path", "foo", SUCCESS),  # in a text there is no path
        (reply_of("status=ok&id=5", "application/x-www-form-urlencoded"), "status", "ok", SUCCESS),
        (reply_of("status=ok&id=5&id=7", "application/x-www-form-urlencoded"), "id", "7", SUCCESS),
    ],
)
def test_a_path_narrows_the_search(reply: Reply, path: str, term: str, outcome: Kind) -> None:
    reading = settings(outcome_search_term=term, outcome_search_path=path)
    assert reading.read(reply).kind is outcome


def test_an_empty_body_has_nothing_in_which_anything_is_found() -> None:
    assert settings().read(as_text("")).kind is SUCCESS
    assert settings(outcome_on_match=OnMatch.FAILURE).read(as_text("")).kind is SUCCESS
    assert settings(outcome_search_term=".*").read(as_text(" ")).kind is FAILURE


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<foo>bar</foo>", "application/json"),
        ('{"foo":"bar"}', "plain/text"),
        ('{"foo":{"bar":"baz"}}', "text/xml"),
        ('{"foo":"bar"}', "text/html"),
        ('{"foo":"bar"', "application/json"),
    ],
)
def test_a_body_that_is_not_what_it_is_labelled_is_searched_all_the_same(
    body: str, content_type: str
) -> None:
    assert settings(outcome_search_term="bar").read(reply_of(body, content_type)).kind is SUCCESS


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
def test_a_5xx_is_always_an_error_of_which_nothing_is_captured(status: int) -> None:
    reading = settings(
        outcome_search_term="oh", reason_path="/(.*)/", price_path="/(.*)/", capture={"all": "(.*)"}
    )
    outcome = reading.read(as_text("oh no 5", status))
    assert outcome == Outcome(kind=ERROR, code=outcome.code, words="Server error", arrived=Arrived.YES)
    why = reading.explain(as_text("", status))[0].why
    assert why == f"the status is {status}, which is always an error"


@pytest.mark.parametrize("status", [200, 204, 302, 400, 404, 422, 429])
def test_no_other_status_counts(status: int) -> None:
    assert settings().read(as_text("oh no", status)).kind is SUCCESS
    assert settings(outcome_search_term="yes").read(as_text("oh no", status)).kind is FAILURE


@pytest.mark.parametrize(
    ("reply", "path", "words"),
    [
        (as_json({"baz": {"bip": " the reason "}}), "baz.bip", "the reason"),
        (as_json({"baz": {"bip": ["the reason", "another", " "]}}), "baz.bip", "another, the reason"),
        (as_json({"baz": {"bip": ["the reason", "another"]}}), "baz.bip.1", "another"),
        (as_json({"a": ["b", "b"]}), "a", "b, b"),  # told as often as they are there
        (as_json({"a": ["b", "B", "a"]}), "a", "B, a, b"),
        (as_json({"baz": {"foo": {"details": "bad data"}}}), "baz.*.details", "bad data"),
        (as_json({"baz": {"foo": {"d": {"x": {"m": "worse"}}}}}), "baz.*.d.*.m", "worse"),
        (as_json({"errors": [{"m": "b"}, {"m": "a"}]}), "errors.*.m", "a, b"),
        (as_json([{"bip": "the reason"}]), "array.0.bip", "the reason"),
        (as_json([{"bip": "the reason"}]), "array.*.bip", "the reason"),
        (as_json({"7": {"1984": "the reason"}}), "7.1984", "the reason"),
        (as_json({"code": 17}), "code", "17"),
        (as_json({"why": {"a": 1}}), "why", '{"a":1}'),
        (as_xml("<baz><bip>the reason</bip></baz>"), "/baz/bip/text()", "the reason"),
        (as_xml("<baz><bip>the reason</bip></baz>"), "/baz/bip", "the reason"),  # its text, not its tags
        (as_xml("<baz><bip><![CDATA[the reason!]]></bip></baz>"), "/baz/bip/text()", "the reason!"),
        (as_xml("<baz><bip>the reason</bip><bip>another</bip></baz>"), "//bip/text()", "another, the reason"),
        (as_xml("<baz why='the reason'/>"), "/baz/@why", "the reason"),
        (as_html("<div>bar</div><div id='message'>the  reason</div>"), 'div[id="message"]', "the reason"),
        (as_html("<div id='message' reason='the reason'></div>"), "#message @reason", "the reason"),
        (as_html("<p class=m>the reason</p><p class=m>another</p>"), "p.m", "another, the reason"),
        (as_text("bad:the reason"), "[a-z]+:(.*)", "the reason"),
        (as_text("bad: the reason"), "/[a-z]+:(.*)/", "the reason"),
        (as_text("BAD:The Reason"), "bad:(.*)", "The Reason"),  # there a term has to be in lower case
        (as_text("a\nwhy: x\nb"), "/^why: (.*)$/m", "x"),
        (
            reply_of('{"err":1,"message":"It is required."}', "text/html"),
            '"message":"([^"]+)"',
            "It is required.",
        ),
        (reply_of('{"err":1,"message":"It is required."}', "text/html"), "message", "It is required."),
    ],
)
def test_reasons_are_trimmed_sorted_and_joined(reply: Reply, path: str, words: str) -> None:
    reading = settings(outcome_search_term="zz", reason_path=path, default_reason="just because")
    outcome = reading.read(reply)
    assert (outcome.kind, outcome.words) == (FAILURE, words)


@pytest.mark.parametrize(
    ("reply", "path"),
    [
        (as_json({"baz": {"bip": "  "}}), "baz.bip"),
        (as_json({"baz": {"bip": "foo"}}), "baz.baz.baz"),
        (as_json({"baz": [0, False, None, ""]}), "baz"),
        (as_xml("<baz><bip> </bip></baz>"), "/baz/bip/text()"),
        (as_xml("<baz><bip>foo</bip></baz>"), "/baz/baz/text()"),
        (as_html("<div id='message'> </div>"), "#message"),
        (as_text("bad:   "), "bad:(.*)"),
        (as_text("bad: x"), "whatever:(.*)"),
        (as_text("bad: x"), "bad"),  # no group, nothing to take
    ],
)
def test_the_default_reason_is_for_where_there_is_none(reply: Reply, path: str) -> None:
    given = {"outcome_search_term": "zz", "reason_path": path}
    assert settings(**given, default_reason=" just because ").read(reply).words == "just because"
    assert settings(**given).read(reply).words != "just because"


def test_the_default_reason_is_for_a_success_too() -> None:
    outcome = settings(default_reason="just because").read(as_json({"baz": "bip"}))
    assert (outcome.kind, outcome.code, outcome.words) == (SUCCESS, None, "just because")


@pytest.mark.parametrize(
    ("reply", "path", "price"),
    [
        (as_json({"baz": {"foo": {"cost": 1.5}}}), "baz.*.cost", "1.5"),
        (as_json({"price": 18}), "price", "18"),
        (as_json({"bids": [{"price": "7.25"}, {"price": 9}]}), "bids.*.price", "7.25"),
        (as_json({"price": 0}), "price", "0"),  # there the fallback, unless it is the text "0"
        (as_json({"price": None}), "price", "3"),
        (as_json({"price": "n/a"}), "price", "3"),
        (as_json({}), "price", "3"),
        (as_text("foo&cost=1.5"), "/cost=([0-9].[0-9])/", "1.5"),
        (as_html('<div class="cost">$1.5</div>'), "div.cost", "1.5"),
        (as_xml("<bar><cost>1.5</cost></bar>"), "bar/cost/text()", "1.5"),
        (as_xml("<bar><cost>1.5</cost></bar>"), "/bar/cost", "1.5"),
    ],
)
def test_the_first_price_counts_and_else_the_fallback(reply: Reply, path: str, price: str) -> None:
    assert settings(price_path=path, fallback_price="3").read(reply).price == Decimal(price)


def test_without_a_price_none_is_made_up() -> None:
    """There it is 0, which is what nobody said."""
    assert settings(price_path="price").read(as_json({})).price is None
    assert settings().read(as_json({"price": 5})).price is None


def test_a_currency_may_be_named_beside() -> None:
    outcome = settings(price_path="p", currency=("c",)).read(as_json({"p": 5, "c": "eur"}))
    assert (outcome.price, outcome.currency) == (Decimal(5), "EUR")


@pytest.mark.parametrize(
    ("reply", "path"),
    [
        (as_json({"lead": {"id": "A-1"}}), "lead.id"),
        (as_json({"leads": [{"id": "A-1"}, {"id": "A-2"}]}), "leads.*.id"),
        (as_xml("<r><id>A-1</id></r>"), "/r/id/text()"),
        (as_text("ok id=A-1"), "id=(.+)"),
        (as_html("<i id=lead>A-1</i>"), "#lead"),
    ],
)
def test_the_reference_is_found_by_its_path(reply: Reply, path: str) -> None:
    assert settings(reference_path=path).read(reply).reference == "A-1"


@pytest.mark.parametrize(
    ("reply", "appended"),
    [
        (as_json({"foo": "bar", "n": 5}), {"foo": "bar", "n": 5}),
        (as_json([{"foo": "foo"}, {"bar": 1}]), {"array": [{"foo": "foo"}, {"bar": 1}]}),
        (as_json({"0": {"foo": "foo"}}), {"0": {"foo": "foo"}}),  # there the key is put into quotes
        (as_xml("<baz><bip> foo </bip><n/></baz>"), {"baz": {"bip": "foo", "n": ""}}),
        (
            as_xml("<baz a='1'><bip>1</bip><bip b='2'>x</bip></baz>"),
            {"baz": {"a": "1", "bip": ["1", {"b": "2", "#text": "x"}]}},
        ),
        (reply_of("a=1&b=2&b=3", "application/x-www-form-urlencoded"), {"a": "1", "b": ["2", "3"]}),
        (as_text("foo"), None),
        (as_html("<div>foo</div>"), None),
        (as_text("bad: x\nwhy: y"), {"bad": "x", "why": "y"}),
        (as_html("<div>bad: x</div>"), {"bad": "x</div></body></html>"}),
    ],
)
def test_the_whole_reply_is_appended_and_of_a_text_what_is_captured(reply: Reply, appended: object) -> None:
    capture = {"bad": "/bad: (.*)$/m", "why": "/why: (.*)$/m", "gone": "gone: (.*)"}
    assert settings(capture=capture).read(reply).appended == appended


COOKIES = [
    f"Session_id={value}; path=/; domain=.fizz.com; secure; httpOnly" for value in ("678", "123", "9AB")
]


@pytest.mark.parametrize(
    ("term", "cookie"),
    [
        ("session_id", COOKIES[1]),  # the first in their order as texts
        ("SESSION_ID=9", COOKIES[2]),
        ("session.*domain=.fizz", COOKIES[1]),
        ("/session_id=6/", COOKIES[0]),
        ("login_info", None),
        ("domain=.x[0-9]{7}", None),
    ],
)
def test_a_cookie_is_captured_by_a_term(term: str, cookie: str | None) -> None:
    outcome = settings(cookie_search_term=term).read(reply_of("ok", "text/plain", 200, *COOKIES))
    assert (outcome.appended or {}).get("cookie") == cookie
    assert settings().read(reply_of("ok", "text/plain", 200, *COOKIES)).appended is None


def test_the_content_type_may_be_overridden() -> None:
    reply = reply_of('{"err":1,"message":"It is required."}', "text/html; charset=UTF-8", 422)
    reading = settings(
        outcome_search_term="success",
        reason_path="message",
        response_content_type_override="application/json",
    )
    outcome = reading.read(reply)
    assert (outcome.kind, outcome.words) == (FAILURE, "It is required.")
    assert outcome.appended == {"err": 1, "message": "It is required."}
    assert outcome.code is ReasonCode.INVALID_DATA


def test_paths_into_soap_begin_below_the_response() -> None:
    """As its SOAP integration has them."""
    reply = as_xml(
        "<s:Envelope xmlns:s='urn:s'><s:Body><AddLeadResponse xmlns='urn:r'><AddLeadResult><Status>Accepted"
        "</Status><Price>5</Price></AddLeadResult></AddLeadResponse></s:Body></s:Envelope>"
    )
    outcome = settings(
        outcome_search_term="accepted",
        outcome_search_path="AddLeadResult.Status",
        price_path="AddLeadResult.Price",
    ).read(reply)
    assert (outcome.kind, outcome.price) == (SUCCESS, Decimal(5))


def test_what_a_soap_response_is_about_is_appended_where_its_soap_integration_has_it() -> None:
    reply = as_xml(
        "<s:Envelope xmlns:s='urn:s'><s:Body><AddResponse><AddResult code='7'>&lt;r&gt;&lt;id&gt;A-1"
        "&lt;/id&gt;&lt;/r&gt;</AddResult><Ok>1</Ok></AddResponse></s:Body></s:Envelope>"
    )
    appended = settings().read(reply).appended
    assert appended is not None
    assert (appended["AddResult"], appended["Ok"]) == ({"code": "7", "r": {"id": "A-1"}}, "1")
    assert appended["Envelope"]["Body"]["AddResponse"]["Ok"] == "1"


@pytest.mark.parametrize("status", [200, 500])
def test_a_soap_fault_is_an_error_with_its_own_words(status: int) -> None:
    fault = "<Fault><faultstring>Duplicate lead</faultstring></Fault>"
    body = f"<E:Envelope xmlns:E='u'><E:Body>{fault}</E:Body></E:Envelope>"
    reply = reply_of(body, "text/xml", status)
    outcome = settings(outcome_search_term="lead").read(reply)
    assert (outcome.kind, outcome.code, outcome.words) == (ERROR, ReasonCode.DUPLICATE, "Duplicate lead")
    assert outcome.appended is None
    assert settings().explain(reply)[0].why == "the reply is a SOAP fault, which is always an error"


def test_its_failures_and_errors_have_codes_like_any_other() -> None:
    failed = settings(outcome_search_term="zz", reason_path="why").read(as_json({"why": "Duplicate lead"}))
    assert failed.code is ReasonCode.DUPLICATE
    ours = settings(
        outcome_search_term="zz", reason_path="why", codes=(CodeRule(matches="^E17", code=ReasonCode.HOURS),)
    )
    assert ours.read(as_json({"why": "e17: asleep"})).code is ReasonCode.HOURS
    assert settings(outcome_search_term="zz").read(as_text("hm", 409)).code is ReasonCode.DUPLICATE
    assert settings(outcome_search_term="zz").read(as_text("hm")).code is ReasonCode.OTHER


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "no term is searched for, and the status 200 is no 5xx"),
        ({"outcome_search_term": "foo"}, "`foo` is found in the body"),
        ({"outcome_search_term": "foo", "outcome_search_path": "foo"}, "`foo` is not found at `foo`"),
        ({"outcome_on_match": OnMatch.ERROR}, "anything is found in the body"),
    ],
)
def test_it_says_why(given: dict[str, Any], why: str) -> None:
    (row,) = settings(**given).explain(FOO["json"])
    assert row.why == why
    assert row.kind is settings(**given).read(FOO["json"]).kind


def test_what_could_never_match_is_told_when_it_is_applied() -> None:
    """There a term that does not compile is searched for as "null", and such a path finds nothing."""
    with pytest.raises(NotCompiled) as caught:
        settings(
            outcome_search_term="/[/",
            reason_path="[[[[[",
            fallback_price="free",
            cookie_search_term="(",
            capture={"bad": "/bad: (.*/x", "flat": "no group", "blank": ""},
        )
    assert [problem.part for problem in caught.value.problems] == [
        "leadconduit.outcome_search_term",
        "leadconduit.reason_path",
        "leadconduit.fallback_price",
        "leadconduit.cookie_search_term",
        "leadconduit.capture.bad",
        "leadconduit.capture.flat",
        "leadconduit.capture.blank",
    ]


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({}, "leadconduit"),
        ({"default_reason": "x"}, "leadconduit"),
        ({"outcome_search_term": "success"}, "leadconduit.outcome_search_term"),
        ({"outcome_search_term": "/accepted/"}, "leadconduit.outcome_search_term"),
        ({"outcome_search_term": "(valid|ok)"}, "leadconduit.outcome_search_term"),
    ],
)
def test_what_is_likely_to_surprise_is_a_warning(given: dict[str, Any], part: str) -> None:
    assert [problem.part for problem in settings(**given).warnings] == [part]


@pytest.mark.parametrize(
    "given",
    [
        {"outcome_search_term": "unsuccessful", "outcome_on_match": OnMatch.FAILURE},
        {"outcome_search_term": "success", "outcome_on_match": OnMatch.FAILURE},
        {"outcome_search_term": r"\"success\": true"},
        {"outcome_search_term": r"^\s*success"},
        {"outcome_search_term": ".*"},
        {"outcome_on_match": OnMatch.SUCCESS},
    ],
)
def test_other_terms_are_not_warned_of(given: dict[str, Any]) -> None:
    assert settings(**given).warnings == ()


_PATHS = ["a", "a.b", "/a/b", "//b", "a.*.b", "b:(.)", "div b", "#b @c", "$..b", "a[0].b"]
_BODIES = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=100).map(lambda words: words.encode("utf-8", "surrogatepass")),
    st.sampled_from(
        [
            b'{"a":{"b":[1,null,{}]}}',
            b"<a><b c='d'>e</b></a>",
            b"<html><div><b>x</b></div>",
            b"a=1&a=2",
            b"[[1]]",
            b'"x"',
        ]
    ),
)
_TYPES = st.sampled_from(
    ["", "application/json", "text/xml", "text/html", "text/plain", "application/x-www-form-urlencoded"]
)


@given(st.sampled_from(_PATHS), st.sampled_from(list(OnMatch)), st.integers(100, 599), _TYPES, _BODIES)
def test_no_reply_crashes_it(
    path: str, on_match: OnMatch, status: int, content_type: str, body: bytes
) -> None:
    reading = settings(
        outcome_search_term="x|1",
        outcome_search_path=path,
        outcome_on_match=on_match,
        reason_path=path,
        price_path=path,
        reference_path=path,
        cookie_search_term="a",
        capture={"x": "(x)?"},
    )
    reply = reply_of(body, content_type, status, "a=1")
    outcome = reading.read(reply)
    assert len(outcome.words) <= 256
    assert reading.explain(reply)[0].kind is outcome.kind
    assert outcome.arrived is Arrived.YES
