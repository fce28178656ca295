"""The request of a direct delivery: as JSON, which is mapped, masked and shown, and as the message sent."""

from collections.abc import Mapping
from typing import Any

import orjson
from google.protobuf.timestamp_pb2 import Timestamp

from leadrelay.core import structs
from leadrelay.core.encoding import EncodingError, Payload
from leadrelay.core.encoding.payload import nest
from leadrelay.core.lead import Lead
from leadrelay.core.values import is_blank, text, to_json
from leadrelay.v1 import delivery_service_pb2 as pb


def lead_of(payload: Payload, whole: Lead | None) -> dict[str, Any]:
    """The peer's lead: plain values as its fields, lists and objects as its nested data.

    `whole`: its source and its submission go along. Raises EncodingError.
    """
    tree = payload if payload.is_flat else nest(payload)
    if not isinstance(tree, dict):
        raise EncodingError("a lead has named fields, and these paths begin with numbers and make a list")
    fields, nested = dict[str, str](), dict[str, Any]()
    for name, value in tree.items():
        if isinstance(value, Mapping | list | tuple):
            nested[name] = value
        elif value is not None:
            fields[name] = text(value)
    lead: dict[str, Any] = {"fields": fields}
    if nested:
        lead["nested"] = nested
    if whole is not None:
        lead |= _origin(whole)
    return lead


def as_json(flow: str, lead: Mapping[str, Any], request_id: str) -> bytes:
    return to_json({"flow": flow, "lead": lead, "request_id": request_id})


def as_message(body: bytes) -> pb.DeliverRequest:
    """The message of a body that `as_json` wrote."""
    said = orjson.loads(body)
    lead = said["lead"]
    message = pb.DeliverRequest(flow=said["flow"], request_id=said["request_id"], detail=pb.DETAIL_OUTCOMES)
    message.lead.fields.update(lead["fields"])
    if "nested" in lead:
        message.lead.nested.CopyFrom(structs.struct(lead["nested"], structs.LEVELS_OF_A_LEAD))
    message.lead.source = lead.get("source", "")
    submission = lead.get("submission", {})
    if "timestamp" in submission:
        message.lead.submission.timestamp.FromJsonString(submission["timestamp"])
    message.lead.submission.ip = submission.get("ip", "")
    return message


def _origin(lead: Lead) -> dict[str, Any]:
    origin: dict[str, Any] = {} if is_blank(lead.source) else {"source": lead.source}
    submission = {}
    if lead.submitted_at is not None:
        at = Timestamp()
        at.FromNanoseconds(lead.submitted_at)
        submission["timestamp"] = at.ToJsonString()
    if lead.ip:
        submission["ip"] = lead.ip
    return origin | ({"submission": submission} if submission else {})
