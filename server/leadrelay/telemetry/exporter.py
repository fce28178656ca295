"""Hands batches of spans to a collector; never raises for what a collector or the network does."""

from typing import Protocol

from leadrelay.telemetry import otlp_settings
from leadrelay.telemetry.answers import Answer
from leadrelay.telemetry.otlp_settings import OtlpSettings


class Exporter(Protocol):
    async def export(self, request: bytes) -> Answer:
        """Send one serialised `ExportTraceServiceRequest` and wait, in bounded time, for the answer."""

    async def aclose(self) -> None:
        """Let go of the connection; safe to call twice."""


def exporter_for(settings: OtlpSettings) -> Exporter:
    """Raises SettingsError where a certificate cannot be used."""
    # Each on demand, for the other's libraries would stay in memory for nothing.
    if settings.protocol is otlp_settings.Protocol.GRPC:
        from leadrelay.telemetry.otlp_grpc import GrpcExporter  # noqa: PLC0415

        return GrpcExporter(settings)
    from leadrelay.telemetry.otlp_http import HttpExporter  # noqa: PLC0415

    return HttpExporter(settings)
