"""Who is speaking: the resource that all spans share.

`OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME` are read by the SDK's own reader and win over
what we say of ourselves. Nothing here changes from run to run, so that a span drawn again after a
restart is the same span.
"""

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.sdk.resources import OTELResourceDetector
from opentelemetry.sdk.resources import Resource as SdkResource
from opentelemetry.semconv.attributes.service_attributes import SERVICE_NAME, SERVICE_VERSION
from opentelemetry.semconv.attributes.telemetry_attributes import (
    TELEMETRY_SDK_LANGUAGE,
    TELEMETRY_SDK_NAME,
    TELEMETRY_SDK_VERSION,
)
from opentelemetry.semconv.schemas import Schemas

from leadrelay import __version__

SCOPE = InstrumentationScope(name="leadrelay", version=__version__)
SCHEMA_URL = Schemas.V1_36_0.value  # the conventions whose names the spans use


def our_resource() -> Resource:
    """The resource as the environment has it now."""
    ours = SdkResource(
        {
            SERVICE_NAME: "leadrelay",
            SERVICE_VERSION: __version__,
            TELEMETRY_SDK_LANGUAGE: "python",
            TELEMETRY_SDK_NAME: "leadrelay.telemetry",  # the spans are drawn here, not by the stock SDK
            TELEMETRY_SDK_VERSION: __version__,
        }
    )
    said = ours.merge(OTELResourceDetector().detect()).attributes  # text alone, like the environment
    return Resource(
        attributes=[KeyValue(key=key, value=AnyValue(string_value=str(value))) for key, value in said.items()]
    )
