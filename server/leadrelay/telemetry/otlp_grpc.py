"""OTLP/gRPC over one ordinary grpcio channel; the answer is awaited without holding a thread.

grpcio reports from a thread of its own that a call is over, and that wakes the waiting task. A
cancelled wait cancels the call.
"""

from collections.abc import Iterable
from contextlib import suppress
from math import isfinite
from pathlib import Path

import grpc
import trio
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]

from leadrelay import __version__
from leadrelay.telemetry.answers import MAX_WORDS, Answer, NotNow, Refused, taken
from leadrelay.telemetry.otlp_settings import OtlpSettings, SettingsError

_METHOD = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_OPTIONS = (
    ("grpc.primary_user_agent", f"leadrelay/{__version__}"),
    # The drawer paces its own attempts; the channel should be ready to dial when one comes.
    ("grpc.min_reconnect_backoff_ms", 500),
    ("grpc.initial_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 5_000),
)
_RETRYABLE = frozenset(
    {
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.OUT_OF_RANGE,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DATA_LOSS,
        # A key or an address is wrong, and no batch is.
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.UNIMPLEMENTED,
    }
)


class GrpcExporter:
    def __init__(self, settings: OtlpSettings) -> None:
        """Raises SettingsError where a certificate cannot be used."""
        self._channel = _channel(settings)
        # Batches come serialised, and an answer that cannot be parsed is still an answer.
        self._call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = self._channel.unary_unary(
            _METHOD, request_serializer=None, response_deserializer=None
        )
        self._headers = settings.headers
        self._timeout = settings.timeout if isfinite(settings.timeout) else None

    async def export(self, request: bytes) -> Answer:
        call = self._call.future(request, timeout=self._timeout, metadata=self._headers)
        over, token = trio.Event(), trio.lowlevel.current_trio_token()

        def wake(_: object) -> None:
            with suppress(trio.RunFinishedError):  # we ended before the call did
                token.run_sync_soon(over.set)

        call.add_done_callback(wake)
        try:
            await over.wait()
        finally:
            call.cancel()  # changes nothing about a call that is over
        if call.code() is grpc.StatusCode.OK:
            return taken(call.result())
        return _failed(call)

    async def aclose(self) -> None:
        self._channel.close()


def _channel(settings: OtlpSettings) -> grpc.Channel:
    compression = grpc.Compression.Gzip if settings.gzip else grpc.Compression.NoCompression
    if not settings.is_secure:
        return grpc.insecure_channel(settings.endpoint, _OPTIONS, compression)
    try:
        credentials = grpc.ssl_channel_credentials(
            _file(settings.certificate), _file(settings.client_key), _file(settings.client_certificate)
        )
    except OSError as error:
        raise SettingsError.of_files(error) from error
    return grpc.secure_channel(settings.endpoint, credentials, _OPTIONS, compression)


def _file(path: str) -> bytes | None:
    return Path(path).read_bytes() if path else None


def _failed(call: grpc.Call) -> Answer:
    code = call.code()
    words = f"{code.name}: {call.details() or ''}"[:MAX_WORDS]
    after = _retry_after(call.trailing_metadata() or ())
    if code in _RETRYABLE:
        return NotNow(words, after or 0.0)
    # A collector that is full says whether it will recover by naming when to come back.
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED and after is not None:
        return NotNow(words, after)
    return Refused(words)


def _retry_after(trailing: Iterable[tuple[str, str | bytes]]) -> float | None:
    """The delay in a RetryInfo among the status details; None where there is none."""
    packed = next((value for name, value in trailing if name == "grpc-status-details-bin"), b"")
    retry = RetryInfo()
    try:
        for detail in Status.FromString(packed if isinstance(packed, bytes) else b"").details:
            if detail.Unpack(retry):
                return max(float(retry.retry_delay.ToNanoseconds()) / 1e9, 0.0)
    except DecodeError:
        pass
    return None
