"""Real OTLP receivers on loopback that keep what they are sent and answer as they are told."""

import gzip
import ssl
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from telemetry.drawn import spans_in

METHOD = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
PROTOBUF = "application/x-protobuf"


@dataclass(frozen=True)
class Received:
    """One export as it came in."""

    peer: str  # the connection it came over
    path: str
    headers: dict[str, str]
    request: ExportTraceServiceRequest

    @property
    def names(self) -> list[str]:
        return [span.name for span in spans_in(self.request)]


@dataclass
class Collector:
    """What came in, and what is answered next; once that is used up, everything is taken."""

    port: int = 0
    received: list[Received] = field(default_factory=list)
    next: deque["HttpAnswer | GrpcAnswer"] = field(default_factory=deque)
    given_up: Event = field(default_factory=Event)  # the caller left before it was answered

    @property
    def span_ids(self) -> list[bytes]:
        return [span.span_id for each in self.received for span in spans_in(each.request)]


@dataclass(frozen=True)
class HttpAnswer:
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": PROTOBUF})
    body: bytes = b""


@dataclass(frozen=True)
class GrpcAnswer:
    code: grpc.StatusCode = grpc.StatusCode.OK
    words: str = ""
    retry_delay: float | None = None  # seconds in a RetryInfo; None: there is none
    body: bytes = b""
    hangs: bool = False  # until the caller gives up


def partly(rejected: int, words: str) -> bytes:
    """An answer that takes some spans only."""
    partial = ExportTracePartialSuccess(rejected_spans=rejected, error_message=words)
    return ExportTraceServiceResponse(partial_success=partial).SerializeToString()


@contextmanager
def http_collector(*answers: HttpAnswer, port: int = 0, tls: Path | None = None) -> Iterator[Collector]:
    """`tls`: a PEM file with key and certificate."""
    collector = Collector(next=deque(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = ExportTraceServiceRequest.FromString(body)
            answer = collector.next.popleft() if collector.next else HttpAnswer()
            collector.received.append(Received(str(self.client_address), self.path, headers, request))
            assert isinstance(answer, HttpAnswer)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Nothing: the test says what went wrong."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", port), Handler) as server:
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        collector.port = server.server_address[1]
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield collector
        finally:
            server.shutdown()


@contextmanager
def grpc_collector(*answers: GrpcAnswer, port: int = 0, tls: Path | None = None) -> Iterator[Collector]:
    """`tls`: a PEM file with key and certificate."""
    collector = Collector(next=deque(answers))

    def export(body: bytes, context: grpc.ServicerContext) -> bytes:
        headers = {name: str(value) for name, value in context.invocation_metadata()}
        answer = collector.next.popleft() if collector.next else GrpcAnswer()
        request = ExportTraceServiceRequest.FromString(body)
        collector.received.append(Received(context.peer(), METHOD, headers, request))
        assert isinstance(answer, GrpcAnswer)
        if answer.hangs:
            over = Event()
            context.add_callback(over.set)
            assert over.wait(10)
            collector.given_up.set()
        if answer.code is grpc.StatusCode.OK:
            return answer.body
        if answer.retry_delay is not None:
            context.set_trailing_metadata((("grpc-status-details-bin", _retry_info(answer.retry_delay)),))
        context.abort(answer.code, answer.words)
        raise AssertionError

    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(export)
    service, _, name = METHOD[1:].partition("/")
    with ThreadPoolExecutor(2) as pool:
        server = grpc.server(pool, options=[("grpc.so_reuseport", 0)])
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {name: handler}),))
        address = f"127.0.0.1:{port}"
        if tls:
            pem = tls.read_bytes()
            credentials = grpc.ssl_server_credentials([(pem, pem)])
            collector.port = server.add_secure_port(address, credentials)
        else:
            collector.port = server.add_insecure_port(address)
        server.start()
        try:
            yield collector
        finally:
            server.stop(None).wait()


def _retry_info(seconds: float) -> bytes:
    delay = Duration()
    delay.FromNanoseconds(round(seconds * 1e9))
    packed = Any()
    packed.Pack(RetryInfo(retry_delay=delay))
    body: bytes = Status(details=[packed]).SerializeToString()
    return body
