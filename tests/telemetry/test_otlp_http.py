"""OTLP/HTTP against a real receiver: what is sent, and what each answer means."""

import time
from email.utils import formatdate
from pathlib import Path

import pytest
import trio
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from leadrelay import __version__
from leadrelay.telemetry.answers import Answer, NotNow, Refused, Taken
from leadrelay.telemetry.otlp_http import MAX_ANSWER, HttpExporter
from leadrelay.telemetry.otlp_settings import SettingsError, otlp_settings
from leadrelay.telemetry.resource import our_resource
from leadrelay.telemetry.sheet import Sheet
from telemetry.collectors import Collector, HttpAnswer, http_collector, partly
from telemetry.pem import self_signed


def a_batch(*names: str) -> bytes:
    sheet = Sheet(our_resource())
    for name in names or ("a span",):
        sheet.add(Span(name=name))
    return sheet.take()


async def export_to(collector: Collector, scheme: str = "http", **said: str) -> Answer:
    """One batch with these settings."""
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"{scheme}://127.0.0.1:{collector.port}"}
    settings = otlp_settings(environ | {f"OTEL_EXPORTER_OTLP_{name}": value for name, value in said.items()})
    assert settings is not None
    exporter = HttpExporter(settings)
    try:
        return await exporter.export(a_batch())
    finally:
        await exporter.aclose()


async def test_a_batch_is_posted_as_protobuf_with_the_headers_asked_for() -> None:
    with http_collector() as collector:
        assert await export_to(collector, HEADERS="authorization=Bearer%20abc") == Taken()
    (received,) = collector.received
    assert received.path == "/v1/traces"
    assert received.names == ["a span"]
    assert received.headers["content-type"] == "application/x-protobuf"
    assert received.headers["authorization"] == "Bearer abc"
    assert received.headers["user-agent"] == f"leadrelay/{__version__}"
    assert "content-encoding" not in received.headers


async def test_a_batch_is_compressed_where_asked_for() -> None:
    with http_collector() as collector:
        assert await export_to(collector, COMPRESSION="gzip") == Taken()
    (received,) = collector.received
    assert received.headers["content-encoding"] == "gzip"
    assert received.names == ["a span"]


async def test_batches_share_one_connection() -> None:
    with http_collector() as collector:
        settings = otlp_settings({"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.port}"})
        assert settings is not None
        exporter = HttpExporter(settings)
        for name in ("first", "second"):
            assert await exporter.export(a_batch(name)) == Taken()
        await exporter.aclose()
        await exporter.aclose()  # safe to call twice
    assert [received.names for received in collector.received] == [["first"], ["second"]]
    assert len({received.peer for received in collector.received}) == 1


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (HttpAnswer(), Taken()),
        (HttpAnswer(202, {}), Taken()),
        (HttpAnswer(body=partly(2, "too old")), Taken(rejected=2, words="too old")),
        (HttpAnswer(body=partly(0, "deprecated")), Taken(words="deprecated")),
        (HttpAnswer(body=b"\xff\xff"), Taken()),
        (HttpAnswer(200, {"content-type": "text/html"}, b"<html>hello</html>"), Taken()),
        (HttpAnswer(body=partly(1, "x" * (MAX_ANSWER + 1))), Taken()),
        (HttpAnswer(400), Refused("HTTP 400")),
        (HttpAnswer(401), NotNow("HTTP 401")),
        (HttpAnswer(307, {"location": "http://127.0.0.1:1/"}), NotNow("HTTP 307")),
        (HttpAnswer(408), Refused("HTTP 408")),
        (HttpAnswer(500), Refused("HTTP 500")),
        (HttpAnswer(429), NotNow("HTTP 429")),
        (HttpAnswer(502), NotNow("HTTP 502")),
        (HttpAnswer(503, {"retry-after": "7"}), NotNow("HTTP 503", after=7.0)),
        (HttpAnswer(503, {"retry-after": "soon"}), NotNow("HTTP 503")),
        (HttpAnswer(503, {"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"}), NotNow("HTTP 503")),
        (HttpAnswer(504), NotNow("HTTP 504")),
    ],
)
async def test_an_answer_means_what_the_specification_says(answer: HttpAnswer, meaning: Answer) -> None:
    with http_collector(answer) as collector:
        assert await export_to(collector) == meaning


async def test_a_retry_after_may_be_a_date() -> None:
    with http_collector(
        HttpAnswer(503, {"retry-after": formatdate(time.time() + 60, usegmt=True)})
    ) as collector:
        answer = await export_to(collector)
    assert isinstance(answer, NotNow)
    assert 30 < answer.after <= 60


async def test_nobody_listening_is_not_now() -> None:
    with http_collector() as gone:
        pass
    answer = await export_to(gone)
    assert answer == NotNow("no readable answer: ConnectError")


async def test_a_collector_that_closes_without_an_answer_is_not_now() -> None:
    async with trio.open_nursery() as nursery:
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, _close_at_once, [listener])
        port = listener.socket.getsockname()[1]
        answer = await export_to(Collector(port=port))
        nursery.cancel_scope.cancel()
    assert isinstance(answer, NotNow)


async def _close_at_once(stream: trio.SocketStream) -> None:
    async with stream:
        await stream.receive_some()


async def test_a_collector_that_never_answers_costs_no_more_than_the_timeout() -> None:
    async with trio.open_nursery() as nursery:
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, _never_answer, [listener])
        port = listener.socket.getsockname()[1]
        answer = await export_to(Collector(port=port), TIMEOUT="50")
        nursery.cancel_scope.cancel()
    assert answer == NotNow("no answer within 0.05 s")


async def _never_answer(stream: trio.SocketStream) -> None:
    async with stream:
        await trio.sleep_forever()


async def test_tls_trusts_the_certificate_that_is_named_and_no_other(tmp_path: Path) -> None:
    pem = self_signed(tmp_path)
    with http_collector(tls=pem.server) as collector:
        assert await export_to(collector, "https", CERTIFICATE=str(pem.trusted)) == Taken()
        assert isinstance(await export_to(collector, "https"), NotNow)


@pytest.mark.parametrize("content", [None, b"no certificate"])
async def test_a_certificate_that_cannot_be_used_is_an_error_at_start(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "ca.pem"
    if content:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match="CERTIFICATE"):
        await export_to(Collector(port=1), "https", CERTIFICATE=str(path))
