"""The Python client of leadrelay: hand a lead over, see what every destination made of it.

`Client` is for blocking code and `AsyncClient` for asyncio; both speak ordinary gRPC. The generated
messages and stubs are in `leadrelay_client.v1`.
"""

from leadrelay_client.aio import AsyncClient, AsyncStream
from leadrelay_client.client import Client, Stream
from leadrelay_client.errors import (
    AlreadyExists,
    DeadlineExceeded,
    FailedPrecondition,
    InvalidArgument,
    LeadrelayError,
    NotFound,
    Overloaded,
    PermissionDenied,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unimplemented,
    Violation,
)
from leadrelay_client.leads import lead_of
from leadrelay_client.requests import deliver_request
from leadrelay_client.settlement import Settlement
from leadrelay_client.v1.event_pb2 import Event
from leadrelay_client.v1.lead_pb2 import Lead
from leadrelay_client.v1.outcome_pb2 import Arrived, Money, Outcome, OutcomeKind, ReasonCode, Result

__version__ = "0.1.0"

__all__ = [
    "AlreadyExists",
    "Arrived",
    "AsyncClient",
    "AsyncStream",
    "Client",
    "DeadlineExceeded",
    "Event",
    "FailedPrecondition",
    "InvalidArgument",
    "Lead",
    "LeadrelayError",
    "Money",
    "NotFound",
    "Outcome",
    "OutcomeKind",
    "Overloaded",
    "PermissionDenied",
    "ReasonCode",
    "Result",
    "Settlement",
    "Stream",
    "TooLarge",
    "Unauthenticated",
    "Unavailable",
    "Unimplemented",
    "Violation",
    "deliver_request",
    "lead_of",
]
