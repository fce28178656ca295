"""From a mapped lead to a request: pure, so tested by calling (behaviour 3.5, 4.4, 9)."""

import pytest

from leadrelay.adapters.compose import Composer
from leadrelay.core.encoding import Body, Format, compile_body
from leadrelay.core.encoding.form import escaped
from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import Envelope, Request, record_request
from leadrelay.core.mapping import PassThrough, Rule, compile_mapping
from leadrelay.core.masking import MASK
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.scope import Scope
from leadrelay.core.template import compile_template
from values import a_lead

ENVELOPE = Envelope(
    idempotency_key="lead-1/buyer",
    traceparent="00-0190f8e2aaaa7bbb8ccc000000000000-0000000000000001-01",
    tracestate="vendor=1",
)
OURS = {
    "Content-Type": "application/json",
    "Idempotency-Key": ENVELOPE.idempotency_key,
    "traceparent": ENVELOPE.traceparent,
    "tracestate": ENVELOPE.tracestate,
}


def composed(
    url: str = "https://buyer.example/leads",
    *rules: Rule,
    method: str = "POST",
    body: Format = Format.JSON,
    headers: dict[str, str] | None = None,
    template: str = "",
    sensitive: tuple[str, ...] = (),
    envelope: Envelope = ENVELOPE,
    **fields: str,
) -> Request:
    composer = Composer(
        method=method,
        url=compile_template(url, escape=escaped, sensitive=sensitive),
        body=compile_body(Body(format=body, template=template), sensitive=sensitive),
        headers={
            name: compile_template(value, sensitive=sensitive) for name, value in (headers or {}).items()
        },
    )
    scope = Scope.of(a_lead(**fields))
    mapping = compile_mapping(rules, sensitive=frozenset(sensitive), pass_through=PassThrough.LISTED)
    return composer.compose(mapping.apply(scope), scope, envelope)


NAME, EMAIL = Rule("name", "{{first_name}}"), Rule("contact.email", "{{email}}")


def test_a_payload_is_written_in_the_destinations_format() -> None:
    request = composed("https://buyer.example/leads", NAME, EMAIL)
    assert (request.method, request.url) == ("POST", "https://buyer.example/leads")
    assert request.body == b'{"name":"Ada","contact":{"email":"ada@example.com"}}'
    assert dict(request.headers) == OURS


def test_a_form_says_that_it_is_one() -> None:
    request = composed("https://buyer.example/leads", NAME, EMAIL, body=Format.FORM)
    assert request.body == b"name=Ada&contact.email=ada%40example.com"
    assert dict(request.headers)["Content-Type"] == "application/x-www-form-urlencoded"


def test_a_query_is_appended_to_the_url_and_there_is_no_body() -> None:
    request = composed("https://buyer.example/leads?v=2", NAME, EMAIL, method="GET", body=Format.QUERY)
    assert request.url == "https://buyer.example/leads?v=2&name=Ada&contact.email=ada%40example.com"
    assert request.body == b""
    assert "Content-Type" not in dict(request.headers)


def test_lead_values_stay_in_their_place_in_a_url() -> None:
    request = composed(
        "https://buyer.example/{{first_name}}/post?ref={{ref}}&v=2",
        first_name="../a b?c=d#e/\u00e9",
        ref="1&v=3",
    )
    assert request.url == ("https://buyer.example/..%2Fa%20b%3Fc%3Dd%23e%2F%C3%A9/post?ref=1%26v%3D3&v=2")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("{{base}}/leads", "http://"),
        ("https://{{host}}/leads", "host"),
        ("https://{{host}}:{{port}}/leads", "host"),
        ("https://buyer.example:{{port}}/leads", "port"),
    ],
)
def test_a_url_that_lacks_its_host_after_templating_is_not_sent_to(url: str, words: str) -> None:
    with pytest.raises(NotSent, match=words) as caught:
        composed(url, port="hush")
    assert caught.value.code is ReasonCode.MAPPING_INVALID
    assert "hush" not in caught.value.words


@pytest.mark.parametrize(("url", "value"), [("/{{id}}/x", ".."), ("/{{id}}?q=1", "."), ("/.{{id}}", ".")])
def test_no_value_leads_up_the_path(url: str, value: str) -> None:
    """A value stays in its place, and a server would resolve `..` however it is escaped (behaviour 4.1)."""
    with pytest.raises(NotSent, match="leads elsewhere") as caught:
        composed(f"https://buyer.example/leads{url}", id=value)
    assert caught.value.code is ReasonCode.MAPPING_INVALID


def test_dots_in_values_and_in_a_url_of_ones_own_are_no_harm() -> None:
    request = composed("https://buyer.example/{{id}}/.x?to={{up}}", id="a/../b...", up="/../")
    assert request.url == "https://buyer.example/a%2F..%2Fb.../.x?to=%2F..%2F"
    assert composed("https://buyer.example/a/../b").url == "https://buyer.example/a/../b"


def test_headers_are_templates_and_one_without_a_value_is_left_out() -> None:
    request = composed(headers={"X-Name": "{{uppercase first_name}}", "X-Ref": "{{ref}}"}, first_name="Ada")
    assert dict(request.headers) == {"X-Name": "ADA", **OURS}


def test_a_destination_that_names_a_header_itself_decides_it() -> None:
    own = {"content-type": "application/vnd.crm+json", "TraceParent": "", "X-Key": "1"}
    request = composed(headers=own)
    assert dict(request.headers) == {
        "content-type": "application/vnd.crm+json",
        "X-Key": "1",
        "Idempotency-Key": ENVELOPE.idempotency_key,
        "tracestate": ENVELOPE.tracestate,
    }


def test_a_lead_without_a_trace_sends_none() -> None:
    request = composed(envelope=Envelope(idempotency_key="key"))
    assert dict(request.headers) == {"Content-Type": "application/json", "Idempotency-Key": "key"}


@pytest.mark.parametrize("value", ["a\r\nX-Admin: 1", "a\x00", "\ud800"])
def test_a_lead_value_that_no_header_can_carry_is_not_sent(value: str) -> None:
    with pytest.raises(NotSent, match="the value of the header X-Name ") as caught:
        composed(headers={"X-Name": "{{name}}"}, name=value)
    assert caught.value.code is ReasonCode.MAPPING_INVALID


def test_a_template_that_breaks_a_bound_is_not_sent() -> None:
    with pytest.raises(NotSent, match="the header X-All: ") as caught:
        composed(headers={"X-All": "{{a}}" * 20}, a="x" * 65536)
    assert caught.value.code is ReasonCode.MAPPING_INVALID


# Records: sensitive values never reach them.


def test_a_record_of_the_body_masks_what_is_sensitive() -> None:
    request = composed(
        "https://buyer.example/",
        NAME,
        Rule("ssn", "{{ssn}}"),
        sensitive=("ssn",),
        first_name="Ada",
        ssn="123-45-6789",
    )
    assert b"123-45-6789" in request.body
    assert record_request(request).body == f'{{"name":"Ada","ssn":"{MASK}"}}'


def test_a_record_of_the_query_masks_what_is_sensitive() -> None:
    rules = (NAME, Rule("ids.0", "{{ssn}}"), Rule("v", "1"))
    request = composed(
        "https://buyer.example/?a=b",
        *rules,
        body=Format.QUERY,
        sensitive=("ssn",),
        first_name="Ada",
        ssn="123-45-6789",
    )
    assert request.url == "https://buyer.example/?a=b&name=Ada&ids=123-45-6789&v=1"
    assert record_request(request).url == f"https://buyer.example/?a=b&name=Ada&ids={MASK}&v=1"


def test_without_sensitive_values_the_record_is_the_request() -> None:
    request = composed("https://buyer.example/", NAME, sensitive=("ssn",))
    assert request.recorded_body is None
    assert record_request(request).body == '{"name":"Ada"}'


@pytest.mark.parametrize("body", [Format.JSON, Format.QUERY])
def test_a_request_knows_its_key_also_where_no_header_tells_it(body: Format) -> None:
    """Behaviour 4.2: a signature may name the message by it."""
    request = composed(body=body, headers={"Idempotency-Key": ""})
    assert request.idempotency_key == ENVELOPE.idempotency_key
    assert "Idempotency-Key" not in dict(request.headers)


def test_what_url_and_headers_make_of_a_sensitive_field_is_recorded_as_a_mask() -> None:
    """Behaviour 9: a hash or the last four digits are not the value, and as sensitive as it is."""
    request = composed(
        "https://buyer.example/{{first_name}}/{{substring ssn 8 11}}?h={{md5 ssn}}#x",
        Rule("state", "{{state}}"),
        method="GET",
        body=Format.QUERY,
        headers={"X-Last": "ends in {{substring ssn 8 11}}", "X-Plain": "{{first_name}}"},
        sensitive=("ssn",),
        first_name="Ada",
        ssn="078-05-1120",
        state="CA",
    )
    assert "/Ada/1120?h=" in request.url
    record = record_request(request)
    assert record.url == "https://buyer.example/Ada/***?h=***&state=CA#x"
    shown = dict(record.headers)
    assert (shown["X-Last"], shown["X-Plain"]) == (MASK, "Ada")
    assert {"1120", "078-05-1120"} & set(request.secrets) == {"1120"}


def test_what_a_text_body_makes_of_a_sensitive_field_is_recorded_as_a_mask() -> None:
    request = composed(
        body=Format.TEXT,
        template="{{first_name}};{{sha256 ssn}}",
        sensitive=("ssn",),
        first_name="Ada",
        ssn="078-05-1120",
    )
    assert request.body.startswith(b"Ada;")
    assert len(request.body) == len("Ada;") + 64
    assert record_request(request).body == "Ada;***"
    assert request.body.decode()[4:] in request.secrets
