"""All services on one server: ours, health and reflection."""

from collections.abc import Iterable
from typing import Protocol

import grpc

from leadrelay.edges.grpc.admission import Admission
from leadrelay.edges.grpc.bridge import Call, Limits, Method, Server
from leadrelay.edges.grpc.health import Health
from leadrelay.edges.grpc.reflection import Reflection
from leadrelay.edges.grpc.services import SERVICES, all_of
from leadrelay.runtime.defects import report

OPTIONS = {
    "grpc.keepalive_time_ms": 60_000,  # a peer that vanished without a word is noticed
    "grpc.keepalive_timeout_ms": 20_000,
    "grpc.http2.min_ping_interval_without_data_ms": 10_000,  # clients may watch us as closely
}


class Edge(Protocol):
    """A servicer of ours."""

    def methods(self) -> dict[str, Method]: ...


def build_server(
    edges: Iterable[Edge], health: Health, limits: Limits, admission: Admission | None = None
) -> Server:
    """A server that speaks everything in `protos/`; `bind` and `serve` are the caller's.

    Without an `admission` nobody is asked who he is.
    """
    ours = all_of({name: method for edge in edges for name, method in edge.methods().items()})
    names = [service.full_name for service in SERVICES]
    return Server(
        {**ours, **health.methods(), **Reflection(names).methods()},
        on_error=_report,
        on_drain=health.drain,
        limits=limits,
        interceptors=() if admission is None else (admission,),
        options=OPTIONS,
    )


def tls_credentials(
    certificate: bytes, key: bytes, client_authorities: bytes | None = None
) -> grpc.ServerCredentials:
    """Server credentials from PEM; with authorities, callers have to show a certificate of theirs."""
    has_clients = client_authorities is not None
    return grpc.ssl_server_credentials(
        [(key, certificate)], client_authorities, require_client_auth=has_clients
    )


def _report(call: Call, error: Exception) -> None:
    report(f"a call of {call.method}", error)
