"""What a direct delivery would send, and what keeps it from going round in circles (behaviour 4.1)."""

from dataclasses import replace

import orjson
import pytest

from leadrelay.adapters.direct import DirectAdapter
from leadrelay.adapters.direct.adapter import request_id
from leadrelay.core.destination import Direct
from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import Envelope, Request, record_request
from leadrelay.core.lead import MAX_REQUEST_ID, Lead
from leadrelay.core.mapping import Rule, compile_mapping
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Wire
from leadrelay.core.scope import Scope
from values import LEAD_ID, a_lead

PEER = Direct(flow="loans", host="relay.example", port=7400)


def no_wire() -> Wire:
    raise AssertionError("nothing is sent here")


def composed(direct: Direct, lead: Lead, *rules: Rule) -> Request:
    scope = Scope.of(lead)
    mapping = compile_mapping(rules or (Rule("email", "{{email}}"),), sensitive=frozenset({"ssn"}))
    envelope = Envelope(idempotency_key=f"{LEAD_ID}-peer", traceparent="00-a-b-01", tracestate="x=y")
    return DirectAdapter(direct, no_wire).compose(mapping.apply(scope), scope, envelope)


def test_the_record_shows_the_call_with_its_metadata_and_the_lead_as_json() -> None:
    record = record_request(composed(PEER, a_lead()))
    assert record.method == "leadrelay.v1.DeliveryService/Deliver"
    assert record.url == "grpcs://relay.example:7400"
    assert dict(record.headers) == {"traceparent": "00-a-b-01", "tracestate": "x=y", "leadrelay-hops": "1"}
    assert orjson.loads(record.body) == {
        "flow": "loans",
        "lead": {"fields": {"email": "ada@example.com"}},
        "request_id": f"{LEAD_ID}-peer",
    }


@pytest.mark.parametrize(
    ("direct", "url"),
    [
        (replace(PEER, is_plaintext=True), "grpc://relay.example:7400"),
        (replace(PEER, host="2001:db8::1"), "grpcs://[2001:db8::1]:7400"),
        (Direct(flow="loans"), "local:"),
    ],
)
def test_the_record_says_where_it_goes(direct: Direct, url: str) -> None:
    assert composed(direct, a_lead()).url == url


def test_what_is_sensitive_is_masked_in_the_record_and_not_in_what_is_sent() -> None:
    request = composed(PEER, a_lead(ssn="123-45-6789"), Rule("ssn", "{{ssn}}"), Rule("a.b", "{{ssn}}"))
    assert orjson.loads(request.body)["lead"]["fields"] == {"ssn": "123-45-6789"}
    assert request.recorded_body is not None
    assert orjson.loads(request.recorded_body)["lead"] == {
        "fields": {"ssn": "***"},
        "nested": {"a": {"b": "***"}},
    }


@pytest.mark.parametrize(
    ("hops", "limit", "goes_on"), [(0, 1, True), (1, 1, False), (2, 3, True), (3, 3, False)]
)
def test_a_lead_that_has_passed_as_many_servers_as_the_limit_goes_no_further(
    hops: int, limit: int, goes_on: bool
) -> None:
    direct, lead = replace(PEER, loop_limit=limit), replace(a_lead(), hops=hops)
    if goes_on:
        assert ("leadrelay-hops", str(hops + 1)) in composed(direct, lead).headers
        return
    with pytest.raises(NotSent) as caught:
        composed(direct, lead)
    assert caught.value.code is ReasonCode.LOOP
    assert f"passed {hops} server(s)" in caught.value.words


def test_a_payload_that_is_no_lead_is_not_sent() -> None:
    with pytest.raises(NotSent) as caught:
        composed(PEER, a_lead(), Rule("0", "{{email}}"))
    assert caught.value.code is ReasonCode.MAPPING_INVALID


def test_a_request_id_is_never_longer_than_the_peer_takes_and_never_another_deliverys() -> None:
    keys = [f"{LEAD_ID}-{'d' * 99}{end}" for end in ("a", "b", "a#2")]
    ids = [request_id(key) for key in keys]
    assert all(len(each) <= MAX_REQUEST_ID for each in ids)
    assert len(set(ids)) == 3
    assert request_id(f"{LEAD_ID}-peer") == f"{LEAD_ID}-peer"
