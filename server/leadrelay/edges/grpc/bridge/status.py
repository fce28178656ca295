"""How a call ends.

A handler ends its call with anything but OK by raising `Abort`. The google.rpc details it names
travel as a `google.rpc.Status` in the trailing metadata, which is where every client library looks
for them. Clients refuse more than about 8 KiB of trailing metadata and then report that instead of
our words, so an Abort stays below: long messages are cut, and details that do not fit stay behind.
"""

import re
from dataclasses import dataclass

import grpc
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status as RichStatus  # type: ignore[import-untyped]

from leadrelay.edges.grpc.bridge.cython import Metadata

DOMAIN = "leadrelay"  # of the reasons that ErrorInfo names
STATUS_DETAILS = "grpc-status-details-bin"
MAX_MESSAGE_BYTES = 1024  # at worst three times that on the wire, where it is percent-encoded
MAX_STATUS_BYTES = 3072  # a third more on the wire, in base64
ENVELOPE_BYTES = 64  # what google.protobuf.Any puts around a detail: its type's name and two lengths

KEY = re.compile(r"[0-9a-z_.-]+")
VALUE = re.compile(r"[ -~]*")


@dataclass(frozen=True, slots=True)
class Status:
    """The last word of a call, in the form in which core takes it."""

    code: int
    message: bytes = b""
    trailing: Metadata = ()


class Abort(Exception):
    """Ends the call with a status other than OK. What was sent before it still goes out first."""

    def __init__(
        self, code: grpc.StatusCode, message: str, *details: Message, trailing: Metadata = ()
    ) -> None:
        super().__init__(f"{code.name}: {message}")
        if code is grpc.StatusCode.OK:
            raise ValueError("OK is no way to abort a call; return from the handler instead")
        self.code = code
        self.message = _clip(message)
        self.details = details
        self.trailing = checked(trailing)

    def as_status(self, trailing: Metadata = ()) -> Status:
        """The status to send, with the call's own `trailing` metadata in front."""
        number = _number(self.code)
        rich = _rich_status(number, self.message, self.details) if self.details else ()
        return Status(number, self.message.encode(), (*trailing, *self.trailing, *rich))


def plain(code: grpc.StatusCode, message: str = "") -> Status:
    return Status(_number(code), message.encode())


def checked(metadata: Metadata) -> Metadata:
    """Refuse, where it is written, what core would refuse when it is too late to tell the handler."""
    for key, value in metadata:
        if not KEY.fullmatch(key) or (key.startswith("grpc-") and key != STATUS_DETAILS):
            raise ValueError(f"{key!r} is no name for metadata: use a-z, 0-9, '-', '_', '.', and not grpc-")
        if key.endswith("-bin"):
            if not isinstance(value, bytes):
                raise ValueError(f"metadata {key} ends in -bin, so its value has to be bytes")
        elif not (isinstance(value, str) and VALUE.fullmatch(value)):
            raise ValueError(f"metadata {key} has to be printable ASCII text, or bytes under {key}-bin")
    return metadata


def _number(code: grpc.StatusCode) -> int:
    number: int = code.value[0]
    return number


def _clip(message: str) -> str:
    """At most MAX_MESSAGE_BYTES, without half a character at the end."""
    return message.encode(errors="replace")[:MAX_MESSAGE_BYTES].decode(errors="ignore")


def _rich_status(number: int, message: str, details: tuple[Message, ...]) -> Metadata:
    status = RichStatus(code=number, message=message)
    for detail in details:
        room = MAX_STATUS_BYTES - status.ByteSize() - ENVELOPE_BYTES
        if isinstance(detail, BadRequest):
            status.details.add().Pack(_first_violations(detail, room))
        elif detail.ByteSize() <= room:
            status.details.add().Pack(detail)
    return ((STATUS_DETAILS, status.SerializeToString()),)


def _first_violations(bad: BadRequest, room: int) -> BadRequest:
    """Of a BadRequest that is too long, the first violations are better than none."""
    fitting = BadRequest()
    for violation in bad.field_violations:
        room -= violation.ByteSize() + 4  # its tag and length
        if room < 0:
            break
        fitting.field_violations.append(violation)
    return fitting
