"""The protocol that was asked for is the one that is spoken."""

from leadrelay.telemetry.answers import Taken
from leadrelay.telemetry.exporter import exporter_for
from leadrelay.telemetry.otlp_grpc import GrpcExporter
from leadrelay.telemetry.otlp_http import HttpExporter
from leadrelay.telemetry.otlp_settings import otlp_settings
from telemetry.collectors import Collector, grpc_collector, http_collector


async def exported_to(collector: Collector, protocol: str) -> type:
    settings = otlp_settings(
        {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.port}",
            "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
        }
    )
    assert settings is not None
    exporter = exporter_for(settings)
    assert await exporter.export(b"") == Taken()  # an empty request is a valid one
    await exporter.aclose()
    return type(exporter)


async def test_grpc_is_spoken_where_it_was_asked_for() -> None:
    with grpc_collector() as collector:
        assert await exported_to(collector, "grpc") is GrpcExporter


async def test_http_is_spoken_where_it_was_asked_for() -> None:
    with http_collector() as collector:
        assert await exported_to(collector, "http/protobuf") is HttpExporter
