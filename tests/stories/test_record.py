"""The event record leaves the house: OTLP to a real receiver, by the standard variables (behaviour 10)."""

from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
import trio
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from leadrelay.recipients.http_server import Request, Response, serve
from leadrelay_client import Client
from servers import ACCEPTS, REJECTS, a_catalog, a_destination, a_flow, a_process, in_thread, recipients

pytestmark = pytest.mark.timeout(60)
LEAD = {"email": "ada@example.com", "first_name": "Ada"}


class Receiver(TraceServiceServicer):
    """An OTLP/gRPC collector that keeps what it is sent."""

    def __init__(self) -> None:
        self.spans: list[Span] = []

    def Export(  # noqa: N802 - the protocol's name
        self, request: ExportTraceServiceRequest, context: grpc.ServicerContext
    ) -> ExportTraceServiceResponse:
        self.spans += spans_of(request)
        return ExportTraceServiceResponse()


def spans_of(request: ExportTraceServiceRequest) -> list[Span]:
    return [span for r in request.resource_spans for s in r.scope_spans for span in s.spans]


@contextmanager
def a_grpc_collector() -> Iterator[tuple[Receiver, int]]:
    server, receiver = grpc.server(futures.ThreadPoolExecutor(2)), Receiver()
    add_TraceServiceServicer_to_server(receiver, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield receiver, port
    finally:
        server.stop(0).wait()


async def deliver_through(folder: Path, environment: dict[str, str]) -> str:
    """One lead through a waterfall of two, by a server with this environment; gives its trace id."""
    async with recipients(first=REJECTS, second=ACCEPTS) as served:
        steps = {"waterfall": {"steps": [{"deliver": "first"}, {"deliver": "second"}]}}
        catalog = a_catalog(
            folder,
            *[a_destination(name, served[name].port) for name in ("first", "second")],
            a_flow("loans", steps),
        )
        with a_process(folder, "--catalog", str(catalog), environment=environment) as process:

            def call() -> str:
                with Client(process.address) as client:
                    return client.deliver_and_wait("loans", LEAD).events[0].accepted.trace_id

            trace_id = await in_thread(call)
            assert await in_thread(process.terminate) == 0
        return trace_id


def check(spans: list[Span], trace_id: str) -> None:
    assert {span.trace_id.hex() for span in spans} == {trace_id}
    assert len(spans) == 5, "a lead, two destinations, an attempt at each"
    by_id = {span.span_id: span for span in spans}
    (root,) = [span for span in spans if span.parent_span_id not in by_id]
    attempts = [span for span in spans if span.kind == Span.SPAN_KIND_CLIENT]
    assert len(attempts) == 2
    for attempt in attempts:
        assert by_id[attempt.parent_span_id].parent_span_id == root.span_id
        assert [event.name for event in attempt.events] == ["delivery.request", "delivery.response"]


async def test_spans_reach_a_collector_over_grpc(tmp_path: Path) -> None:
    with a_grpc_collector() as (receiver, port):
        environment = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
        }
        trace_id = await deliver_through(tmp_path, environment)
    check(receiver.spans, trace_id)


async def test_spans_reach_a_collector_over_http(tmp_path: Path) -> None:
    spans: list[Span] = []

    async def take(request: Request) -> Response:
        assert (request.method, request.path) == ("POST", "/v1/traces")
        spans.extend(spans_of(ExportTraceServiceRequest.FromString(request.body)))
        return Response(200, ExportTraceServiceResponse().SerializeToString(), "application/x-protobuf")

    async with trio.open_nursery() as nursery:
        port = await nursery.start(serve, take)
        environment = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        }
        trace_id = await deliver_through(tmp_path, environment)
        nursery.cancel_scope.cancel()
    check(spans, trace_id)


async def test_a_collector_that_was_away_gets_the_record_after_a_restart(tmp_path: Path) -> None:
    """The journal is the truth and the trace its picture: no span is lost (behaviour 10)."""
    away = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    trace_id = await deliver_through(tmp_path, away)
    with a_grpc_collector() as (receiver, port):
        back = {**away, "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}"}
        with a_process(tmp_path, environment=back) as process:
            assert await in_thread(process.terminate) == 0
    check(receiver.spans, trace_id)
