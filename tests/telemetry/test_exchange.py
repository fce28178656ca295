"""HTTP on a span: known methods, where it went, and bodies that are no text (behaviour 10)."""

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from leadrelay.core.exchange import ReplyRecord, RequestRecord
from leadrelay.telemetry import exchange
from telemetry.drawn import plain


def target(method: str, url: str) -> dict[str, object]:
    return plain(Span.FromString(exchange.target(method, url).on_span).attributes)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("http://a.example/x", {"server.address": "a.example", "server.port": 80}),
        ("https://a.example/x", {"server.address": "a.example", "server.port": 443}),
        ("https://a.example:1/x", {"server.address": "a.example", "server.port": 1}),
        ("https://[::1]:1/x", {"server.address": "::1", "server.port": 1}),
        ("grpc://peer/x", {"server.address": "peer"}),
        ("https://[broken", {}),
        ("https://a.example:port/", {}),
        ("", {}),
    ],
)
def test_the_server_is_read_from_the_url(url: str, server: dict[str, object]) -> None:
    named = {"url.full": url} if url else {}
    assert target("PUT", url) == {"http.request.method": "PUT", **named, **server}


def test_a_method_that_nobody_knows_makes_no_new_span_name() -> None:
    said = target("SHOUT", "http://a.example/")
    assert said["http.request.method"] == "_OTHER"
    assert said["http.request.method_original"] == "SHOUT"
    assert exchange.verb(RequestRecord(method="SHOUT", url="")) == "HTTP"
    assert exchange.verb(RequestRecord(method="PATCH", url="")) == "PATCH"
    assert exchange.verb(None) == "attempt"


def test_a_call_of_another_leadrelay_is_one_of_grpc() -> None:
    record = RequestRecord(method="leadrelay.v1.DeliveryService/Deliver", url="grpcs://peer.example:7400")
    assert target(record.method, record.url) == {
        "rpc.system": "grpc",
        "rpc.service": "leadrelay.v1.DeliveryService",
        "rpc.method": "Deliver",
        "server.address": "peer.example",
        "server.port": 7400,
    }
    assert exchange.verb(record) == record.method
    assert exchange.is_rpc(record)
    assert not exchange.is_rpc(RequestRecord(method="POST", url=""))


def test_a_reply_from_where_redirects_led_says_whose_it_is() -> None:
    span = Span()
    exchange.add_response(span, ReplyRecord(status=200, url="https://b.example/v2"), 5)
    said = plain(span.events[0].attributes)
    assert said == {"http.response.status_code": 200, "url.full": "https://b.example/v2"}


def test_a_body_that_is_no_text_is_said_to_be_base64() -> None:
    span = Span()
    exchange.add_response(span, ReplyRecord(status=200, body="AAEC", is_base64=True, truncated=True), 5)
    said = plain(span.events[0].attributes)
    assert said == {
        "http.response.status_code": 200,
        "body": "AAEC",
        "body.is_base64": True,
        "body.is_cut": True,
    }


def test_warnings_about_the_data_stand_beside_it() -> None:
    span = Span()
    exchange.add_request(
        span, RequestRecord(method="GET", url="http://a/"), ("phone_1 has 9 digits",) * 30, 5
    )
    assert plain(span.events[0].attributes)["delivery.warnings"] == ["phone_1 has 9 digits"] * 16
