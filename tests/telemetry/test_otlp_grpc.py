"""OTLP/gRPC against a real server: what is sent, and what each status means."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
import trio
from grpc import StatusCode
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from leadrelay.telemetry.answers import Answer, NotNow, Refused, Taken
from leadrelay.telemetry.otlp_grpc import GrpcExporter
from leadrelay.telemetry.otlp_settings import SettingsError, otlp_settings
from leadrelay.telemetry.resource import our_resource
from leadrelay.telemetry.sheet import Sheet
from telemetry.collectors import Collector, GrpcAnswer, grpc_collector, partly
from telemetry.pem import self_signed


def exporter_to(collector: Collector, scheme: str = "http", **said: str) -> GrpcExporter:
    environ = {
        "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"{scheme}://127.0.0.1:{collector.port}",
    }
    settings = otlp_settings(environ | {f"OTEL_EXPORTER_OTLP_{name}": value for name, value in said.items()})
    assert settings is not None
    return GrpcExporter(settings)


async def export_to(collector: Collector, scheme: str = "http", **said: str) -> Answer:
    """One batch with these settings."""
    exporter = exporter_to(collector, scheme, **said)
    try:
        return await exporter.export(a_batch())
    finally:
        await exporter.aclose()


def a_batch(size: int = 1) -> bytes:
    sheet = Sheet(our_resource())
    sheet.add(Span(name="x" * size))
    return sheet.take()


async def test_a_batch_reaches_the_trace_service_with_the_headers_asked_for() -> None:
    with grpc_collector() as collector:
        assert await export_to(collector, HEADERS="x-tenant=7") == Taken()
    (received,) = collector.received
    assert received.names == ["x"]
    assert received.headers["x-tenant"] == "7"
    assert received.headers["user-agent"].startswith("leadrelay/")


@pytest.mark.parametrize(("compression", "is_small"), [("gzip", True), ("none", False)])
async def test_a_batch_is_compressed_where_asked_for(compression: str, is_small: bool) -> None:
    with grpc_collector() as collector:
        async with counting_relay(collector.port) as relay:
            exporter = exporter_to(Collector(port=relay.port), COMPRESSION=compression)
            assert await exporter.export(a_batch(size=100_000)) == Taken()
            await exporter.aclose()
    assert collector.received[0].names == ["x" * 100_000]
    assert (relay.passed < 10_000) is is_small


@dataclass
class Relay:
    port: int
    passed: int = 0  # bytes towards the server


@asynccontextmanager
async def counting_relay(port: int) -> AsyncIterator[Relay]:
    """A TCP relay to a port on loopback: how large something is on the wire."""
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    relay = Relay(listener.socket.getsockname()[1])

    async def serve(client: trio.SocketStream) -> None:
        server = await trio.open_tcp_stream("127.0.0.1", port)
        async with server, client, trio.open_nursery() as both:
            both.start_soon(pump, server, client, False)
            await pump(client, server, True)
            both.cancel_scope.cancel()

    async def pump(source: trio.SocketStream, sink: trio.SocketStream, counts: bool) -> None:
        async for part in source:
            relay.passed += len(part) if counts else 0
            await sink.send_all(part)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, serve, [listener])
        yield relay
        nursery.cancel_scope.cancel()


async def test_batches_share_one_channel() -> None:
    with grpc_collector() as collector:
        exporter = exporter_to(collector)
        for _ in range(3):
            assert await exporter.export(a_batch()) == Taken()
        await exporter.aclose()
        await exporter.aclose()  # safe to call twice
    assert len({received.peer for received in collector.received}) == 1
    assert len(collector.received) == 3


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (GrpcAnswer(), Taken()),
        (GrpcAnswer(body=partly(2, "too old")), Taken(rejected=2, words="too old")),
        (GrpcAnswer(body=b"\xff\xff"), Taken()),
        (GrpcAnswer(StatusCode.INVALID_ARGUMENT, "bad span"), Refused("INVALID_ARGUMENT: bad span")),
        (GrpcAnswer(StatusCode.UNAUTHENTICATED), NotNow("UNAUTHENTICATED: ")),
        (GrpcAnswer(StatusCode.UNIMPLEMENTED), NotNow("UNIMPLEMENTED: ")),
        (GrpcAnswer(StatusCode.RESOURCE_EXHAUSTED, "full"), Refused("RESOURCE_EXHAUSTED: full")),
        (GrpcAnswer(StatusCode.RESOURCE_EXHAUSTED, "full", 3.5), NotNow("RESOURCE_EXHAUSTED: full", 3.5)),
        (GrpcAnswer(StatusCode.RESOURCE_EXHAUSTED, "full", 0.0), NotNow("RESOURCE_EXHAUSTED: full")),
        (GrpcAnswer(StatusCode.UNAVAILABLE, "later"), NotNow("UNAVAILABLE: later")),
        (GrpcAnswer(StatusCode.UNAVAILABLE, "later", 7.0), NotNow("UNAVAILABLE: later", 7.0)),
        (GrpcAnswer(StatusCode.ABORTED), NotNow("ABORTED: ")),
        (GrpcAnswer(StatusCode.CANCELLED), NotNow("CANCELLED: ")),
        (GrpcAnswer(StatusCode.DATA_LOSS), NotNow("DATA_LOSS: ")),
    ],
)
async def test_a_status_means_what_the_specification_says(answer: GrpcAnswer, meaning: Answer) -> None:
    with grpc_collector(answer) as collector:
        assert await export_to(collector) == meaning


async def test_nobody_listening_is_not_now() -> None:
    with grpc_collector() as gone:
        pass
    answer = await export_to(gone)
    assert isinstance(answer, NotNow)
    assert answer.words.startswith("UNAVAILABLE")


async def test_a_collector_that_never_answers_costs_no_more_than_the_timeout() -> None:
    with trio.socket.socket() as silent:
        await silent.bind(("127.0.0.1", 0))
        silent.listen()
        answer = await export_to(Collector(port=silent.getsockname()[1]), TIMEOUT="50")
    assert isinstance(answer, NotNow)
    assert answer.words.startswith(grpc.StatusCode.DEADLINE_EXCEEDED.name)


async def test_a_cancelled_export_ends_at_once_and_so_does_its_call() -> None:
    with grpc_collector(GrpcAnswer(hangs=True)) as collector:
        exporter = exporter_to(collector, TIMEOUT="60000")
        with trio.move_on_after(0.2) as scope:
            await exporter.export(a_batch())
        assert scope.cancelled_caught
        assert await trio.to_thread.run_sync(collector.given_up.wait, 5)
        await exporter.aclose()


async def test_tls_trusts_the_certificate_that_is_named_and_no_other(tmp_path: Path) -> None:
    pem = self_signed(tmp_path)
    with grpc_collector(tls=pem.server) as collector:
        assert await export_to(collector, "https", CERTIFICATE=str(pem.trusted)) == Taken()
        assert isinstance(await export_to(collector, "https", TIMEOUT="1000"), NotNow)


async def test_a_certificate_that_cannot_be_read_is_an_error_at_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="CERTIFICATE"):
        exporter_to(Collector(port=1), "https", CERTIFICATE=str(tmp_path / "missing.pem"))
