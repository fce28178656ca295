"""What a delivery would send, told by the code that would send it (behaviour 3.6).

The command line answers by the same function when it has the catalog itself and asks no server.
"""

from base64 import b64decode
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from leadrelay.core.catalog import Catalog
from leadrelay.core.exchange import Reply
from leadrelay.core.fates import Fate
from leadrelay.core.outcome import Bid
from leadrelay.core.preview import Given, Preview, preview_reply
from leadrelay.core.reading import TriedRule
from leadrelay.core.values import ABSENT, Value, to_json
from leadrelay.edges.grpc import convert, errors
from leadrelay.edges.grpc.submission import Violation, refuse, sample_lead
from leadrelay.edges.rehearsal import rehearse
from leadrelay.runtime.clock import new_lead_id
from leadrelay.v1 import catalog_service_pb2 as pb
from leadrelay.v1.event_pb2 import ReplyRecord
from leadrelay.v1.example_pb2 import SampleBid

HOW = {fate: pb.MappedHow.Value(f"MAPPED_HOW_{fate.name}") for fate in Fate}


def answer(request: pb.PreviewRequest, catalog: Catalog, now: int) -> pb.PreviewResponse:
    """The preview that is asked for. Aborts with NOT_FOUND or INVALID_ARGUMENT."""
    destination = catalog.destinations.get(request.destination)
    if destination is None:
        raise errors.unknown_destination(request.destination, catalog.destinations)
    reply = read_reply(request.reply) if request.HasField("reply") else None
    if reply is not None and not request.HasField("lead"):
        return _message(preview_reply(destination, reply))
    lead = sample_lead(
        request.lead,
        flow=request.flow,
        lead_id=new_lead_id(now),
        now=now,
        catalog_version=catalog.version,
    )
    bid = _bid(request.bid) if request.HasField("bid") else None
    return _message(rehearse(catalog, destination, lead, now=now, reply=reply, bid=bid))


def _bid(sample: SampleBid) -> Bid:
    """A sample bid. Aborts with INVALID_ARGUMENT."""
    try:
        price = Decimal(sample.price.amount)
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite():
        raise refuse("the sample bid cannot be read", [("bid.price.amount", "is no amount such as 12.50")])
    return Bid(price=price, currency=sample.price.currency, reference=sample.reference)


def read_reply(record: ReplyRecord) -> Reply:
    """A sample reply. Aborts with INVALID_ARGUMENT."""
    if violations := list(_violations(record)):
        raise refuse("the sample reply cannot be read", violations)
    body = b64decode(record.body) if record.body_is_base64 else record.body.encode()
    return Reply(status=record.status or 200, headers=tuple(record.headers.items()), body=body)


def _violations(record: ReplyRecord) -> Iterator[Violation]:
    if record.status and not 100 <= record.status <= 599:
        yield "reply.status", "is no status that a reply can have: 100 to 599"
    if record.body_is_base64:
        try:
            b64decode(record.body, validate=True)
        except ValueError:  # binascii.Error is one, and so is a letter beyond ASCII
            yield "reply.body", "is not base64, as `body_is_base64` says"


def _message(seen: Preview) -> pb.PreviewResponse:
    message = pb.PreviewResponse(
        values=map(_value, seen.given),
        warnings=seen.warnings,
        problems=seen.problems,
        rules=map(_tried, seen.tried),
        shut=seen.shut,
    )
    if seen.record is not None:
        message.request.CopyFrom(convert.request_record(seen.record))
    if seen.outcome is not None:
        message.outcome.CopyFrom(convert.outcome_message(seen.outcome))
    return message


def _tried(row: TriedRule) -> pb.TriedRule:
    return pb.TriedRule(rule=row.number, outcome=convert.KINDS[row.kind], matched=row.matched, why=row.why)


def _value(given: Given) -> pb.MappedValue:
    return pb.MappedValue(
        to=given.to,
        value=_json(given.value),
        rule=given.rule,
        how=HOW[given.fate],
        template=given.template if isinstance(given.template, str) else _json(given.template),
        why=given.why,
    )


def _json(value: Value) -> str:
    return "" if value is ABSENT else to_json(value).decode()
