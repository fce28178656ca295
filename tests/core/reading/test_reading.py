"""From a reply to an outcome (behaviour 6, "Reading a reply")."""

import json
from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.exchange import Reply
from leadrelay.core.facts import AttemptEnded, encode
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode
from leadrelay.core.reading import Match, Reading, ReadingRule, ReadingSpec, compile_reading

JSON = (("Content-Type", "application/json"),)


def a_reply(body: object = b"", status: int = 200, content_type: str = "application/json") -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status=status, headers=(("Content-Type", content_type),), body=content)


ACCEPTED = ReadingRule(outcome=Kind.SUCCESS, match=(Match(path="status", equals="accepted"),))
REJECTED = ReadingRule(outcome=Kind.HARD_REJECT, match=(Match(path="status", equals="rejected"),))


def a_reading(*rules: ReadingRule, **members: object) -> Reading:
    return compile_reading(ReadingSpec(rules=rules or (ACCEPTED, REJECTED), **members))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (200, Kind.SUCCESS, None),
        (204, Kind.SUCCESS, None),
        (299, Kind.SUCCESS, None),
        (302, Kind.SYSTEM_ERROR, ReasonCode.PROTOCOL),
        (400, Kind.HARD_REJECT, ReasonCode.INVALID_DATA),
        (401, Kind.SYSTEM_ERROR, ReasonCode.UNAUTHORIZED),
        (403, Kind.SYSTEM_ERROR, ReasonCode.UNAUTHORIZED),
        (404, Kind.HARD_REJECT, ReasonCode.OTHER),
        (408, Kind.SOFT_REJECT, ReasonCode.UNAVAILABLE),
        (409, Kind.HARD_REJECT, ReasonCode.DUPLICATE),
        (425, Kind.SOFT_REJECT, ReasonCode.UNAVAILABLE),
        (429, Kind.SOFT_REJECT, ReasonCode.CAP_EXCEEDED),
        (500, Kind.SYSTEM_ERROR, ReasonCode.OTHER),
        (502, Kind.SYSTEM_ERROR, ReasonCode.UNAVAILABLE),
        (503, Kind.SOFT_REJECT, ReasonCode.UNAVAILABLE),
    ],
)
def test_without_rules_the_status_decides(status: int, kind: Kind, code: ReasonCode | None) -> None:
    outcome = compile_reading(ReadingSpec()).read(Reply(status=status))
    assert (outcome.kind, outcome.code, outcome.arrived) == (kind, code, Arrived.YES)


def test_the_first_rule_that_matches_decides() -> None:
    reading = a_reading(
        ReadingRule(outcome=Kind.SOFT_REJECT, match=(Match(status="2xx"), Match(path="retry", exists=True))),
        ACCEPTED,
        ReadingRule(outcome=Kind.HARD_REJECT),
    )
    assert reading.read(a_reply({"status": "accepted", "retry": 1})).kind is Kind.SOFT_REJECT
    assert reading.read(a_reply({"status": "ACCEPTED"})).kind is Kind.SUCCESS
    assert (
        reading.read(a_reply({"status": "?"})).kind is Kind.HARD_REJECT
    )  # a rule without tests always applies


def test_a_good_status_that_no_rule_knows_is_never_a_silent_success() -> None:
    outcome = a_reading().read(a_reply({"status": "???", "message": "hm"}))
    assert outcome.kind is Kind.SYSTEM_ERROR
    assert outcome.code is ReasonCode.PROTOCOL
    assert outcome.arrived is Arrived.UNKNOWN
    assert outcome.is_unresolved
    assert outcome.words == "no rule of the reading matched the reply; it said: hm"


def test_a_bad_status_that_no_rule_knows_speaks_for_itself() -> None:
    assert a_reading().read(a_reply({"status": "???"}, 429)).kind is Kind.SOFT_REJECT
    assert a_reading().read(a_reply({"status": "???"}, 500)).kind is Kind.SYSTEM_ERROR


def test_otherwise_decides_what_no_rule_knows() -> None:
    reading = a_reading(otherwise=Kind.HARD_REJECT)
    assert reading.read(a_reply({"status": "???"})).kind is Kind.HARD_REJECT
    assert reading.read(a_reply({"status": "???"}, 500)).kind is Kind.HARD_REJECT
    assert reading.read(a_reply({"status": "accepted"})).kind is Kind.SUCCESS


@pytest.mark.parametrize(
    "body", [b"", b"<html>ok</html>", b"accepted", b"{", b"[" * 5000, b'{"status":"accepted"']
)
def test_a_body_that_does_not_parse_where_a_rule_needs_it_is_a_protocol_error(body: bytes) -> None:
    for reading in (a_reading(), a_reading(otherwise=Kind.SUCCESS)):
        outcome = reading.read(a_reply(body))
        assert (outcome.kind, outcome.code, outcome.arrived) == (
            Kind.SYSTEM_ERROR,
            ReasonCode.PROTOCOL,
            Arrived.UNKNOWN,
        )
        assert reading.read(a_reply(body, 503)).kind is Kind.SOFT_REJECT  # then the status says enough


def test_a_later_rule_cannot_turn_an_unreadable_reply_into_a_success() -> None:
    reading = a_reading(
        ReadingRule(outcome=Kind.HARD_REJECT, match=(Match(path="error", exists=True),)),
        ReadingRule(outcome=Kind.SOFT_REJECT, match=(Match(status="500"),)),
        ReadingRule(outcome=Kind.SUCCESS, match=(Match(status="200-599"),)),
    )
    assert reading.read(a_reply(b"<html>")).kind is Kind.SYSTEM_ERROR
    assert reading.read(a_reply(b"<html>", 500)).kind is Kind.SOFT_REJECT
    assert reading.read(a_reply(b"<html>", 404)).kind is Kind.HARD_REJECT


def test_a_rule_that_needs_no_body_works_without_one() -> None:
    reading = a_reading(ReadingRule(outcome=Kind.SUCCESS, match=(Match(status="204"),)), ACCEPTED)
    assert reading.read(Reply(status=204)).kind is Kind.SUCCESS


def test_reason_price_reference_and_capture_are_tried_in_order() -> None:
    reading = a_reading(
        reason=("errors[0].text", "{{error.code}}: {{error.text}}", 'regex:said (.*?)"'),
        price=("bid", "{{payout.amount}} {{payout.currency}}"),
        reference=("ids.1", "$.ids[0]"),
        capture={"lender": "lender.name", "all": "ids", "no": "no"},
    )
    outcome = reading.read(
        a_reply(
            {
                "status": "accepted",
                "error": {"code": 7, "text": "fine"},
                "bid": "n/a",
                "payout": {"amount": "1,012.50", "currency": "usd"},
                "ids": [90071992547409931234],
                "lender": {"name": "Acme"},
            }
        )
    )
    assert outcome == Outcome(
        kind=Kind.SUCCESS,
        words="7: fine",
        price=Decimal("1012.50"),
        currency="USD",
        reference="90071992547409931234",
        appended={"lender": "Acme", "all": ["90071992547409931234"]},
    )
    assert reading.read(a_reply({"status": "rejected", "x": "he said no"})).words == "no"


def test_a_currency_of_its_own_counts_before_one_in_the_price() -> None:
    reading = compile_reading(ReadingSpec(price=("p",), currency=("c",)))
    assert reading.read(a_reply({"p": "$5", "c": "cad"})).currency == "CAD"
    assert reading.read(a_reply({"p": "$5"})).currency == "USD"
    assert reading.read(a_reply({"p": 0})).price == 0
    assert reading.read(a_reply({})).price is None


def test_a_rule_may_give_its_own_code_and_reason() -> None:
    def read(reason: str, **members: object) -> Outcome:
        rule = ReadingRule(outcome=Kind.SOFT_REJECT, code=ReasonCode.HOURS, reason=reason)
        return a_reading(rule, reason=("message",)).read(a_reply({"message": "m", "why": "w", **members}))

    assert read("").words == "m"
    assert read("why").words == "w"
    assert read("{{why}}!").words == "w!"
    assert read("They are asleep").words == "They are asleep"
    assert read("").code is ReasonCode.HOURS


def test_the_recipients_words_become_a_code() -> None:
    outcome = a_reading().read(a_reply({"status": "rejected", "reason": "Duplicate Lead"}))
    assert (outcome.code, outcome.words) == (ReasonCode.DUPLICATE, "Duplicate Lead")
    assert a_reading().read(a_reply({"status": "rejected", "reason": "Because"})).code is ReasonCode.OTHER
    assert a_reading().read(a_reply({"status": "accepted", "reason": "not a duplicate"})).code is None


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "No", "message": "x"},
        {"error": {"message": "No"}},
        {"error": "No"},
        {"errors": [{"message": "No"}]},
        {"errors": ["No", "x"]},
        b"  No\n",
    ],
)
def test_words_are_found_where_recipients_usually_put_them(body: object) -> None:
    assert compile_reading(ReadingSpec()).read(a_reply(body, 404)).words == "No"


def test_a_page_is_not_taken_for_words() -> None:
    assert compile_reading(ReadingSpec()).read(a_reply(b"<html>Not found", 404)).words == "HTTP status 404"


def test_the_whole_parsed_reply_is_appended_without_capture() -> None:
    reading = compile_reading(ReadingSpec())
    assert reading.read(a_reply({"a": [1]})).appended == {"a": [1]}
    assert reading.read(a_reply([{"a": 1}, 2])).appended == {"0": {"a": 1}, "1": 2}
    assert reading.read(a_reply(b"plain", content_type="text/plain")).appended is None
    form = a_reply(b"status=ok&id=5&id=6", content_type="application/x-www-form-urlencoded")
    assert reading.read(form).appended == {"status": "ok", "id": "5"}


def test_words_reference_and_appended_data_are_bounded() -> None:
    body = {
        "status": "rejected",
        "reason": "x" * 9999,
        "ref": "y" * 9999,
        "small": 1,
        "big": "z" * 100_000,
        "c": 2,
    }
    outcome = a_reading(reference=("ref",)).read(a_reply(body))
    assert len(outcome.words) == len(outcome.reference) == 256
    assert outcome.appended is not None
    assert "big" not in outcome.appended
    assert outcome.appended["c"] == 2
    captured = a_reading(capture={"big": "big", "c": "c"}).read(a_reply(body))
    assert captured.appended == {"c": 2}


def test_words_are_one_line() -> None:
    assert a_reading().read(a_reply({"status": "rejected", "reason": " a\r\n b\t c "})).words == "a b c"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=6), below, max_size=4),
)
_BODIES = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda words: words.encode("utf-8", "surrogatepass")),
    _JSON.map(lambda tree: json.dumps(tree).encode()),
    st.dictionaries(
        st.sampled_from(["status", "reason", "price", "ref", "errors", "x"]), _JSON, min_size=1
    ).map(lambda tree: json.dumps(tree).encode()),
    st.lists(
        st.sampled_from(
            [b"<p>", b"</p>", b"<p class=ok>x", b"<a b='c'/>", b"<html>", b"x&lt;", b"<!--", b"\xff"]
        )
    ).map(b"".join),
    st.lists(
        st.sampled_from([b"a=x", b"&", b"status=accepted", b"cb(", b"{", b"}", b")]}'", b'"', b"\0"])
    ).map(b"".join),
)
_TYPES = st.sampled_from(
    ["", ";;", "application/json", "application/problem+json", "application/json; charset=punycode"]
    + [
        f"text/plain; charset={name}"
        for name in ("hex", "utf-16", "latin-1", "idna", "utf-7", "unicode_escape")
    ]
    + ["application/x-www-form-urlencoded"]
)
_CURIOUS = a_reading(
    ReadingRule(outcome=Kind.SUCCESS, match=(Match(path="css:.ok, p ~ p", contains_word="x"),)),
    ReadingRule(outcome=Kind.HARD_REJECT, match=(Match(path="//*[contains(., 'x')]/@*", matches="y"),)),
    ReadingRule(outcome=Kind.HARD_REJECT, match=(Match(path="$..*[?@.x =~ /y/]", exists=True),)),
    ReadingRule(outcome=Kind.SOFT_REJECT, match=(Match(path="*.errors[-1]", less=0),)),
    ACCEPTED,
    ReadingRule(
        outcome=Kind.HARD_REJECT, match=(Match(path="errors", contains="no"),), reason="{{errors.0.x}}"
    ),
    ReadingRule(outcome=Kind.HARD_REJECT, match=(Match(text=True, matches="^.x"),)),
    ReadingRule(outcome=Kind.SOFT_REJECT, match=(Match(path="$.x['y'][0]", greater=3),)),
    ReadingRule(
        outcome=Kind.SOFT_REJECT, match=(Match(header="content-type", contains_word="html", negate=True),)
    ),
    reason=(
        "reason",
        "header:x",
        "css:p",
        "//p",
        "$..reason",
        "regex:(.)x",
        "{{#each errors}}{{this}}{{/each}}",
    ),
    price=("price", "{{price.amount}}", "regex:[0-9.]+"),
    currency=("x",),
    reference=("ref", "{{ref.0}}", "header:content-type"),
)
_HEADERS = st.lists(
    st.tuples(st.sampled_from(["X", "content-type", "Set-Cookie", "content-encoding"]), st.text(max_size=20)),
    max_size=4,
)


@given(st.integers(100, 599), _TYPES, _HEADERS, _BODIES)
def test_no_reply_crashes_a_reading(
    status: int, content_type: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    reply = Reply(status=status, headers=(("Content-Type", content_type), *headers), body=body)
    for reading in (_CURIOUS, compile_reading(ReadingSpec())):
        outcome = reading.read(reply)
        assert len(outcome.words) <= 256
        assert [row.kind for row in reading.explain(reply) if row.matched] == [outcome.kind]
        # Every outcome can be recorded, whatever the reply was.
        _, fact = encode(AttemptEnded(delivery="d", destination="d", attempt=1, outcome=outcome))
        orjson.loads(fact)


@given(st.integers(200, 299), _TYPES, _BODIES)
def test_only_a_matching_rule_makes_a_success(status: int, content_type: str, body: bytes) -> None:
    outcome = a_reading().read(a_reply(body, status, content_type))
    if outcome.kind is Kind.SUCCESS:
        assert outcome.appended is not None
        assert str(outcome.appended["status"]).strip().casefold() == "accepted"


@pytest.mark.parametrize("deep", [b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 900 + b"1" + b"}" * 900])
def test_a_deeply_nested_reply_is_refused_and_not_followed(deep: bytes) -> None:
    outcome = a_reading().read(a_reply(deep))
    assert outcome.code is ReasonCode.PROTOCOL
    assert outcome.appended is None


FAULT_11 = b"""<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
<s:Fault><faultcode>s:Client</faultcode><faultstring>Duplicate lead</faultstring></s:Fault>
</s:Body></s:Envelope>"""
FAULT_12 = b"""<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code>
<s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text xml:lang="en">Duplicate lead</s:Text></s:Reason>
</s:Fault></s:Body></s:Envelope>"""


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (FAULT_11, "/Envelope/Body/Fault/faultcode"),
        (FAULT_12, "//Fault/Code/Value"),
        (FAULT_12, "Envelope.Body.Fault.Code.Value"),
    ],
)
def test_a_fault_is_read_like_any_reply(body: bytes, path: str) -> None:
    """Behaviour 4.1: with no rule its words are found, with a rule it is what the rule says."""
    reply = a_reply(body, 500, "application/soap+xml; charset=utf-8")
    plain = compile_reading(ReadingSpec()).read(reply)
    assert (plain.kind, plain.words) == (Kind.SYSTEM_ERROR, "Duplicate lead")
    fault = ReadingRule(outcome=Kind.HARD_REJECT, match=(Match(path=path, matches="Client|Sender"),))
    ruled = a_reading(fault).read(reply)
    assert (ruled.kind, ruled.code) == (Kind.HARD_REJECT, ReasonCode.DUPLICATE)


@pytest.mark.parametrize("body", [FAULT_11, FAULT_12])
def test_a_fault_with_a_good_status_is_no_silent_success(body: bytes) -> None:
    outcome = compile_reading(ReadingSpec()).read(a_reply(body, 200, "text/xml"))
    assert (outcome.kind, outcome.words) == (Kind.SYSTEM_ERROR, "Duplicate lead")


def test_what_an_xml_reply_says_is_found_by_xpath() -> None:
    body = b"""<Reply><Result code="0">OK</Result><Lead ref="A-7"><Price cur="USD">12.50</Price></Lead>
    <Note>n1</Note><Note>n2</Note></Reply>"""
    outcome = a_reading(
        ReadingRule(outcome=Kind.SUCCESS, match=(Match(path="/Reply/Result/@code", equals="0"),)),
        price=("/Reply/Lead/Price/text()",),
        currency=("//Price/@cur",),
        reference=("//Lead/@ref",),
        capture={"notes": "/Reply/Note", "lead": "Reply.Lead"},
    ).read(a_reply(body, 200, "text/xml"))
    assert (outcome.kind, outcome.price, outcome.currency) == (Kind.SUCCESS, Decimal("12.50"), "USD")
    assert outcome.reference == "A-7"
    lead = {"@ref": "A-7", "Price": {"@cur": "USD", "#text": "12.50"}}
    assert outcome.appended == {"notes": ["n1", "n2"], "lead": lead}
    spec = ReadingSpec(otherwise=Kind.HARD_REJECT, reason=("{{Reply.Nothing}}", "Reply.Lead.@ref"))
    whole = compile_reading(spec).read(a_reply(body, 200, "text/xml"))
    assert whole.appended is not None
    assert whole.words == "A-7"  # the dotted path, after the template came to nothing
    assert whole.appended["Reply"]["Note"] == ["n1", "n2"]


def test_an_element_is_its_text_whatever_its_attributes() -> None:
    reading = compile_reading(
        ReadingSpec(
            rules=(ReadingRule(outcome=Kind.SUCCESS, match=(Match(path="R.Status", equals="Accepted"),)),),
            reason=("{{R.Note}} ({{R.Status}})",),
            price=("{{R.Price}}", "//Price"),
            reference=("R.Status.@code",),
        )
    )
    body = (
        b'<R><Status code="1">Accepted</Status><Price currency="USD">12.50</Price>'
        b'<Note at="x">fine</Note></R>'
    )
    outcome = reading.read(a_reply(body, 200, "text/xml"))
    assert (outcome.kind, outcome.words) == (Kind.SUCCESS, "fine (Accepted)")
    assert (outcome.price, outcome.reference) == (Decimal("12.50"), "1")


def test_an_element_that_has_only_attributes_says_nothing() -> None:
    reading = a_reading(reason=("R.Error", "R.Note"), otherwise=Kind.HARD_REJECT)
    outcome = reading.read(a_reply(b'<R><Error code="7"/><Note at="x">Duplicate</Note></R>', 200, "text/xml"))
    assert (outcome.words, outcome.code) == ("Duplicate", ReasonCode.DUPLICATE)


def test_a_fault_in_a_language_is_a_fault() -> None:
    body = (
        b'<E:Envelope xmlns:E="urn:e"><E:Body><E:Fault><faultstring xml:lang="en">Bad zip</faultstring>'
        b"</E:Fault></E:Body></E:Envelope>"
    )
    assert compile_reading(ReadingSpec()).read(a_reply(body, 500, "text/xml")).words == "Bad zip"


def test_several_things_at_one_place() -> None:
    """Reasons are told together, each once; of prices and references the first counts (behaviour 6)."""
    reading = a_reading(
        reason=("errors.*.message",),
        price=("$..price",),
        reference=("$.ids[?@.kind == 'lead'].id", "header:Location"),
    )
    outcome = reading.read(
        a_reply(
            {
                "status": "accepted",
                "errors": {
                    "a": {"message": " Bad zip "},
                    "b": {"message": "Bad zip"},
                    "c": {"message": "Old"},
                },
                "bids": [{"price": "n/a"}, {"price": "$7"}, {"price": 9}],
                "ids": [{"kind": "x", "id": 1}, {"kind": "lead", "id": "L-1"}],
            }
        )
    )
    assert (outcome.words, outcome.price, outcome.currency) == ("Bad zip, Old", Decimal(7), "USD")
    assert outcome.reference == "L-1"


def test_what_is_captured_may_have_fallbacks_and_stays_whole() -> None:
    reading = compile_reading(
        ReadingSpec(capture={"id": "lead.id\n ids \n\nheader:X-Id", "one": "$.one", "none": "a\nb"})
    )
    reply = Reply(
        status=200, headers=(("X-Id", "H"),), body=b'{"lead": {"id": " "}, "ids": [1, 2], "one": ""}'
    )
    assert reading.read(reply).appended == {"id": [1, 2], "one": ""}
    assert reading.read(Reply(status=200, headers=(("X-Id", "H"),), body=b"{}")).appended == {"id": "H"}


def test_a_header_that_says_more_than_ascii_is_utf_8() -> None:
    rule = ReadingRule(outcome=Kind.HARD_REJECT, match=(Match(header="X-Error", equals="größer"),))
    reading = compile_reading(ReadingSpec(rules=(rule,), reason=("header:X-Error",)))
    bytes_as_they_come = "größer".encode().decode("latin-1")
    outcome = reading.read(Reply(status=200, headers=(("x-error", bytes_as_they_come),)))
    assert (outcome.kind, outcome.words) == (Kind.HARD_REJECT, "größer")


def test_a_place_may_be_a_header() -> None:
    reply = Reply(status=201, headers=(("Location", "/leads/77"), ("X-Price", "EUR 5")))
    outcome = compile_reading(
        ReadingSpec(reference=("id", "header:location"), price=("header:X-Price",))
    ).read(reply)
    assert (outcome.reference, outcome.price, outcome.currency) == ("/leads/77", Decimal(5), "EUR")


def test_prefixes_count_in_an_xpath_where_they_are_declared() -> None:
    body = b'<r xmlns:a="urn:a" xmlns:b="urn:b"><a:id>1</a:id><b:id>2</b:id></r>'
    plain = compile_reading(ReadingSpec(reference=("/r/b:id",)))
    declared = compile_reading(ReadingSpec(reference=("/r/x:id",), namespaces={"x": "urn:b"}))
    assert plain.read(a_reply(body, 200, "text/xml")).reference == "1"
    assert declared.read(a_reply(body, 200, "text/xml")).reference == "2"


def test_a_page_is_read_by_css() -> None:
    reading = a_reading(
        ReadingRule(outcome=Kind.SUCCESS, match=(Match(path="css:.alert", contains_word="thank you"),)),
        ReadingRule(outcome=Kind.HARD_REJECT, match=(Match(path="css:.error"),)),
        reason=("css:.error li",),
        reference=("css:#lead @data-id",),
    )
    thanks = b"<html><body><p class='alert'>Thank  You!</p><i id=lead data-id=77></i></body></html>"
    refused = b"<html><body><div class=error><ul><li>Bad zip<li>Duplicate</ul></div></body></html>"
    good, bad = (reading.read(a_reply(body, 200, "text/html")) for body in (thanks, refused))
    assert (good.kind, good.reference) == (Kind.SUCCESS, "77")
    assert (bad.kind, bad.words, bad.code) == (Kind.HARD_REJECT, "Bad zip, Duplicate", ReasonCode.DUPLICATE)
    assert reading.read(a_reply({"a": 1})).code is ReasonCode.PROTOCOL


def test_a_recipients_own_code_says_what_its_words_do_not() -> None:
    """As Salesforce has it."""
    body = [{"message": "Use one of these records?", "errorCode": "DUPLICATES_DETECTED"}]
    outcome = compile_reading(ReadingSpec()).read(a_reply(body, 400))
    assert (outcome.kind, outcome.code) == (Kind.HARD_REJECT, ReasonCode.DUPLICATE)
    assert outcome.words == "Use one of these records?"
