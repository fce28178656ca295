"""Our services, as the protos have them."""

from collections.abc import Mapping

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

from leadrelay.edges.grpc.bridge import Method
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


def all_of(methods: Mapping[str, Method]) -> dict[str, Method]:
    """The methods of our services, each of which has to be there, and no other. Raises ValueError."""
    paths = {path(method) for service in SERVICES for method in service.methods}
    if unknown := methods.keys() - paths:
        raise ValueError(f"no service in the protos has {', '.join(sorted(unknown))}")
    if missing := paths - methods.keys():
        raise ValueError(f"nobody serves {', '.join(sorted(missing))}")
    return dict(methods)
