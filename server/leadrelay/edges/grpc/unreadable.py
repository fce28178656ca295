"""A request among many that is no message: whose it is, and what it is answered.

Libraries of some languages send text that is not UTF-8, or nest deeper than messages may be, and never
notice. That costs its own lead, and none of the others on the stream (behaviour 8).
"""

from typing import Final

from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet

from leadrelay.edges.grpc import errors
from leadrelay.edges.grpc.bridge import Unreadable
from leadrelay.v1 import delivery_service_pb2 as pb

_TAG: Final = pb.DeliverManyRequest.DESCRIPTOR.fields_by_name["tag"].number
_IS_TEXT: Final = 2  # the wire type of what has a length


def answer(refused: Unreadable, longest: int) -> pb.DeliverManyResponse:
    """The refusal, with the tag of `longest` characters at most where there is one that can be read."""
    return pb.DeliverManyResponse(tag=_tag(refused.body)[:longest], refusal=errors.as_refusal(refused))


def _tag(body: bytes) -> str:
    """A message without fields keeps all of them as they came, and looks into none."""
    try:
        fields = UnknownFieldSet(Empty.FromString(body))
    except DecodeError:
        return ""
    tag = b""
    for place in range(len(fields)):
        if fields[place].field_number == _TAG and fields[place].wire_type == _IS_TEXT:
            tag = fields[place].data
    return tag.decode(errors="replace")
