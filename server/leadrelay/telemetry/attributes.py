"""The names under which the trace says things, and their values as OTLP carries them.

HTTP names are those of the stable semantic conventions; the rest are the words of the trade
(behaviour 1). An attribute that people search by holds at most `MAX_TEXT` characters, because
trace stores refuse or cut longer ones; bodies stand in events and never here.

Most values repeat from lead to lead. `Ready` keeps them in their serialised form, where merging
costs a tenth of what building them costs: protobuf adds up the repeated fields of what it merges.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from google.protobuf.internal.containers import RepeatedCompositeFieldContainer
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

MAX_TEXT = 256  # characters

LEAD_ID: Final = "lead.id"  # on every span
LEAD_FLOW: Final = "lead.flow"
LEAD_SOURCE: Final = "lead.source"
LEAD_REQUEST_ID: Final = "lead.request_id"
LEAD_CATALOG_VERSION: Final = "lead.catalog_version"
LEAD_RESULT: Final = "lead.result"
LEAD_AGAIN_OF: Final = "lead.again_of"
LEAD_REASON: Final = "lead.reason"
LEAD_ACCEPTED: Final = "lead.accepted"
LEAD_REVENUE: Final = "lead.revenue"
LEAD_WAITING: Final = "lead.waiting"

DELIVERY_NAME: Final = "delivery.name"
DELIVERY_DESTINATION: Final = "delivery.destination"
DELIVERY_PING: Final = "delivery.ping"  # an auction asked for a price: a success is a bid, and no sale
DELIVERY_ATTEMPT: Final = "delivery.attempt"
DELIVERY_ATTEMPTS: Final = "delivery.attempts"
DELIVERY_WARNINGS: Final = "delivery.warnings"
DELIVERY_DUE_AT: Final = "delivery.due_at"
DELIVERY_OVERRUN: Final = "delivery.timeout.overrun"  # ns
DELIVERY_ENDPOINT: Final = "delivery.endpoint"
DELIVERY_PASSED_OVER: Final = "delivery.endpoint.passed_over"
DELIVERY_BATCH: Final = "delivery.batch"
DELIVERY_BATCH_SIZE: Final = "delivery.batch.size"
DELIVERY_REASON: Final = "delivery.reason"

OUTCOME_KIND: Final = "outcome.kind"
OUTCOME_CODE: Final = "outcome.code"
OUTCOME_WORDS: Final = "outcome.words"
OUTCOME_ARRIVED: Final = "outcome.arrived"
OUTCOME_PRICE: Final = "outcome.price"  # decimal text: money is never a float
OUTCOME_CURRENCY: Final = "outcome.currency"
OUTCOME_REFERENCE: Final = "outcome.reference"

RPC_SYSTEM: Final = "rpc.system"  # the conventions for RPC are not stable yet
RPC_SERVICE: Final = "rpc.service"
RPC_METHOD: Final = "rpc.method"

HEADERS: Final = "headers"
BODY: Final = "body"
BODY_IS_BASE64: Final = "body.is_base64"
BODY_IS_CUT: Final = "body.is_cut"


Attributes = RepeatedCompositeFieldContainer[KeyValue]  # of a span or of an event


class Ready(NamedTuple):
    """Attributes that only have to be merged."""

    on_span: bytes
    on_event: bytes


def ready(values: Mapping[str, str | int]) -> Ready:
    """Empty text says nothing and is left out."""
    span, event = Span(), Span.Event()
    for key, value in values.items():
        for onto in (span.attributes, event.attributes):
            if isinstance(value, int):
                number(onto, key, value)
            elif value:
                text(onto, key, value)
    return Ready(span.SerializeToString(), event.SerializeToString())


# Setting members in place costs a third of what handing messages to constructors does.


def text(onto: Attributes, key: str, value: str, limit: int = MAX_TEXT) -> None:
    added = onto.add()
    added.key = key
    added.value.string_value = value if len(value) <= limit else value[: limit - 1] + "…"


def number(onto: Attributes, key: str, value: int) -> None:
    added = onto.add()
    added.key = key
    added.value.int_value = value


def flag(onto: Attributes, key: str) -> None:
    """Something that is true; what is not is not said."""
    added = onto.add()
    added.key = key
    added.value.bool_value = True


def texts(onto: Attributes, key: str, values: Iterable[str]) -> None:
    added = onto.add()
    added.key = key
    for value in values:
        added.value.array_value.values.add().string_value = value[:MAX_TEXT]
