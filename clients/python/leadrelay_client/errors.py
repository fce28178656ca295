"""What can go wrong with a call: one class for each decision that the caller has to make.

A recipient's rejection is an outcome and never an error (behaviour 8). What the server says beside the status
code (google.rpc.Status: which field was wrong, how long to wait) is read here, so that nobody else has to.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]

from leadrelay_client.v1.delivery_service_pb2 import Refusal

STATUS_DETAILS = "grpc-status-details-bin"
# How a message is refused for its size: by the server, and by gRPC itself, on either side, which has no
# code of its own for that.
_TOO_LARGE, _OVERSIZE = "REQUEST_TOO_LARGE", "larger than max"
_CODES = {code.value[0]: code for code in grpc.StatusCode}


class Violation(NamedTuple):
    """One thing that was wrong with a request."""

    field: str  # a path into the request, or the file and line of a catalog
    description: str


class LeadrelayError(Exception):
    """A call that did not do what it was asked. Where there is no class below for it, report it."""

    usual_wait = 0.0  # seconds, where the server names no time

    def __init__(
        self,
        message: str,
        *,
        code: grpc.StatusCode = grpc.StatusCode.UNKNOWN,
        violations: Iterable[Violation] = (),
        retry_after: float | None = None,
        reason: str = "",
        facts: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.violations = tuple(violations)
        # Seconds to wait before the next try.
        self.retry_after = self.usual_wait if retry_after is None else retry_after
        self.reason = reason  # stable and for programs, such as FLOW_NOT_FOUND; empty: none was given
        self.facts = dict(facts or {})  # what belongs to the reason, such as `lead_id`
        # The lead that is the server's to deliver although this call failed, and the number of its last event
        # that was seen: what `watch` takes. Empty: not known to have been accepted.
        self.lead_id = ""
        self.last_event = 0

    def __str__(self) -> str:
        # The server's message often tells the first violations itself.
        unsaid = (f"{field}: {words}" for field, words in self.violations if words not in self.message)
        parts = [self.message, *unsaid]
        if self.lead_id:
            parts.append(
                f"lead {self.lead_id} was accepted and goes on; watch it after event {self.last_event}"
            )
        return "; ".join(parts)


class InvalidArgument(LeadrelayError):
    """Correct the request: `violations` names what is wrong with it."""


class NotFound(LeadrelayError):
    """Correct the name, or create what it names."""


class AlreadyExists(LeadrelayError):
    """The request id stands for a lead with other content: use a new one, or find out what was sent."""


class FailedPrecondition(LeadrelayError):
    """Change something else first; the message says what."""


class TooLarge(LeadrelayError):
    """A message is beyond what one side takes: send or ask for less."""


class Overloaded(LeadrelayError):
    """Nothing was accepted: send it again after `retry_after` seconds."""

    usual_wait = 1.0


class Unavailable(LeadrelayError):
    """No server answered. What was sent without a request id may or may not have been accepted."""


class DeadlineExceeded(LeadrelayError):
    """The `timeout` passed. It ended the listening; an accepted lead goes on, see `lead_id`."""


class Unauthenticated(LeadrelayError):
    """Bring a valid `api_key` or certificate."""


class PermissionDenied(LeadrelayError):
    """The key is valid and may not do this: ask for one that may."""


class Unimplemented(LeadrelayError):
    """This server does not know the call: it is older than this client, or no leadrelay."""


_CLASSES: dict[grpc.StatusCode, type[LeadrelayError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidArgument,
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.ALREADY_EXISTS: AlreadyExists,
    grpc.StatusCode.FAILED_PRECONDITION: FailedPrecondition,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Overloaded,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
    grpc.StatusCode.UNAUTHENTICATED: Unauthenticated,
    grpc.StatusCode.PERMISSION_DENIED: PermissionDenied,
    grpc.StatusCode.UNIMPLEMENTED: Unimplemented,
}


def translate(error: grpc.RpcError) -> LeadrelayError:
    """gRPC's error in our words; the caller chains it with `raise ... from`."""
    return _error(error.code(), error.details() or "", _status(error).details)


def refused(refusal: Refusal) -> LeadrelayError:
    """What `DeliverMany` answers instead of an RPC error, as that error."""
    return _error(_CODES.get(refusal.code, grpc.StatusCode.UNKNOWN), refusal.message, refusal.details)


def _error(code: grpc.StatusCode, message: str, details: Iterable[Any]) -> LeadrelayError:
    violations: list[Violation] = []
    reason, facts, retry_after = "", dict[str, str](), None
    for detail in details:
        if detail.Is(BadRequest.DESCRIPTOR):
            bad = BadRequest.FromString(detail.value)
            violations += [Violation(each.field, each.description) for each in bad.field_violations]
        elif detail.Is(RetryInfo.DESCRIPTOR):
            delay = RetryInfo.FromString(detail.value).retry_delay
            retry_after = delay.seconds + delay.nanos / 1e9
        elif detail.Is(ErrorInfo.DESCRIPTOR):
            said = ErrorInfo.FromString(detail.value)
            reason, facts = said.reason, dict(said.metadata)
    return _class_of(code, message, reason)(
        message or _words(code),
        code=code,
        violations=violations,
        retry_after=retry_after,
        reason=reason,
        facts=facts,
    )


def _class_of(code: grpc.StatusCode, message: str, reason: str) -> type[LeadrelayError]:
    if reason == _TOO_LARGE or (code is grpc.StatusCode.RESOURCE_EXHAUSTED and _OVERSIZE in message):
        return TooLarge
    return _CLASSES.get(code, LeadrelayError)


def _status(error: grpc.RpcError) -> Status:
    """The rich status, empty where there is none; what cannot be read must not hide the error itself."""
    metadata: Iterable[tuple[str, str | bytes]] = error.trailing_metadata() or ()  # type: ignore[assignment]
    for key, value in metadata:
        if key == STATUS_DETAILS and isinstance(value, bytes):
            try:
                return Status.FromString(value)
            except DecodeError:
                break
    return Status()


def _words(code: grpc.StatusCode) -> str:
    return code.name.lower().replace("_", " ")
