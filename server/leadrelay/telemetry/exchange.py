"""A request and its reply on the span of an attempt: the HTTP conventions, and the two as events.

Bodies stand in events and are cut; the journal keeps more of them.
"""

from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.semconv.attributes.http_attributes import (
    HTTP_REQUEST_METHOD,
    HTTP_REQUEST_METHOD_ORIGINAL,
    HTTP_RESPONSE_STATUS_CODE,
)
from opentelemetry.semconv.attributes.server_attributes import SERVER_ADDRESS, SERVER_PORT
from opentelemetry.semconv.attributes.url_attributes import URL_FULL

from leadrelay.core.exchange import ReplyRecord, RequestRecord
from leadrelay.telemetry import attributes as a

MAX_BODY = 4096  # characters
MAX_HEADERS = 2048  # characters of all headers together
MAX_WARNINGS = 16

_METHODS = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
_RPC: Final = "/"  # no method of HTTP has one
_PORTS: Final = {"http": 80, "https": 443}


def verb(request: RequestRecord | None) -> str:
    """What begins the name of the span; methods that nobody knows would make names without number."""
    if request is None:
        return "attempt"
    if is_rpc(request):
        return request.method
    return request.method if request.method in _METHODS else "HTTP"


@lru_cache(maxsize=1024)
def target(method: str, url: str) -> a.Ready:
    """Where the request went."""
    if _RPC in method:  # the name of a method of gRPC, which only a direct delivery has
        service, _, name = method.partition(_RPC)
        return a.ready({a.RPC_SYSTEM: "grpc", a.RPC_SERVICE: service, a.RPC_METHOD: name} | _server(url))
    said: dict[str, str | int] = {HTTP_REQUEST_METHOD: method, URL_FULL: url}
    if method not in _METHODS:
        said |= {HTTP_REQUEST_METHOD: "_OTHER", HTTP_REQUEST_METHOD_ORIGINAL: method}
    return a.ready(said | _server(url))


@lru_cache(maxsize=1024)
def status(code: int) -> a.Ready:
    return a.ready({HTTP_RESPONSE_STATUS_CODE: code})


def is_rpc(request: RequestRecord | None) -> bool:
    """Whether its reply's status is none of HTTP's, but stands for what the peer said."""
    return request is not None and _RPC in request.method


def add_request(span: Span, request: RequestRecord, warnings: tuple[str, ...], at: int) -> None:
    event = span.events.add(name="delivery.request", time_unix_nano=at)
    event.MergeFromString(target(request.method, request.url).on_event)
    _record(event.attributes, request)
    if warnings:
        a.texts(event.attributes, a.DELIVERY_WARNINGS, warnings[:MAX_WARNINGS])


def add_response(span: Span, reply: ReplyRecord, at: int, *, has_status: bool = True) -> Span.Event:
    event = span.events.add(name="delivery.response", time_unix_nano=at)
    if has_status:
        event.MergeFromString(status(reply.status).on_event)
    if reply.url:
        a.text(event.attributes, URL_FULL, reply.url)
    _record(event.attributes, reply)
    return event


def _record(onto: a.Attributes, record: RequestRecord | ReplyRecord) -> None:
    """Headers are one text, a line each: an attribute for every header would cost more than the rest."""
    if record.headers:
        lines = "\n".join([f"{name}: {value}" for name, value in record.headers])
        a.text(onto, a.HEADERS, lines, MAX_HEADERS)
    if record.body:
        a.text(onto, a.BODY, record.body, MAX_BODY)
    if record.is_base64:
        a.flag(onto, a.BODY_IS_BASE64)
    if record.truncated or len(record.body) > MAX_BODY:
        a.flag(onto, a.BODY_IS_CUT)


def _server(url: str) -> dict[str, str | int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError:  # nothing that could be dialled; the attempt itself says so
        return {}
    return ({SERVER_ADDRESS: host} if host else {}) | ({SERVER_PORT: port} if port else {})
