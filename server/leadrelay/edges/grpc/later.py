"""Methods that stand in the protos and are filled in by later versions: each says so."""

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

from leadrelay.edges.grpc import errors
from leadrelay.edges.grpc.bridge import Call, Method
from leadrelay.v1 import (
    analytics_service_pb2,
    catalog_service_pb2,
    delivery_service_pb2,
    secret_service_pb2,
)

SERVICES: tuple[ServiceDescriptor, ...] = tuple(
    file.DESCRIPTOR.services_by_name[name]
    for file, name in (
        (delivery_service_pb2, "DeliveryService"),
        (catalog_service_pb2, "CatalogService"),
        (secret_service_pb2, "SecretService"),
        (analytics_service_pb2, "AnalyticsService"),
    )
)


def path(method: MethodDescriptor) -> str:
    """The name under which a method is called."""
    return f"/{method.containing_service.full_name}/{method.name}"


def fill_in(methods: dict[str, Method]) -> dict[str, Method]:
    """`methods`, and a refusal for every other method of our services."""
    paths = [path(method) for service in SERVICES for method in service.methods]
    if unknown := methods.keys() - set(paths):
        raise ValueError(f"no service in the protos has {', '.join(sorted(unknown))}")
    return {name: methods.get(name) or _refusal(name) for name in paths}


def _refusal(name: str) -> Method:
    async def refuse(_call: Call) -> None:
        raise errors.not_yet(name.strip("/").replace("/", "."))

    return Method(refuse, streams_requests=True)
