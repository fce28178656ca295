"""`batch` of a destination: how several leads stand in one request, and where each one's reply is found."""

from dataclasses import replace

from leadrelay.core.batch import Batch
from leadrelay.core.destination import Protocol, Rest, Webhook
from leadrelay.core.encoding import Format
from leadrelay.core.encoding.listed import ListEncoder, compile_list
from leadrelay.core.reading.jsonpath import BadPath
from leadrelay.core.reading.paths import Path as ReplyPath
from leadrelay.core.reading.paths import parse_path
from leadrelay.core.values import NotCompiled
from leadrelay.edges.catalog.compile_body import body_of
from leadrelay.edges.catalog.compile_mapping import plain_value
from leadrelay.edges.catalog.compile_protocol import IN_QUERY
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.problems import did_you_mean, named
from leadrelay.v1 import destination_pb2 as pb

MOST = 1_000  # leads in one request
LINGER = 1.0  # seconds, where none are named


def compile_batch(
    context: Context, path: Path, message: pb.Destination, protocol: Protocol | None
) -> tuple[Protocol | None, Batch | None]:
    """The protocol with a body for several leads, and the batch; without one where nothing is said."""
    if not message.HasField("batch") or protocol is None:
        return protocol, None
    below, batch = (*path, "batch"), message.batch
    if not isinstance(protocol, Rest | Webhook):
        kind = message.WhichOneof("protocol")
        context.findings.problem(
            below, f"is for `rest` and `webhook`; {named(str(kind))} sends one lead at a time"
        )
        return protocol, None
    encoder = _encoder(context, path, message)
    _check_request(context, path, message)
    _check_key(context, below, message)
    if not batch.max:
        context.findings.absence(below, "needs a `max`: how many leads the recipient takes in one request")
    elif batch.max > MOST:
        context.findings.problem((*below, "max"), f"more than {MOST} leads in one request cannot be meant")
    if encoder is None:
        return protocol, None
    compiled = Batch(
        most=batch.max,
        linger=_linger(context, below, message),
        listing=encoder.listing,
        key=batch.key,
        replies=_replies(context, (*below, "replies"), message),
        reply_key=_reply_path(context, (*below, "reply_key"), batch.reply_key, message),
        reply_status=_reply_path(context, (*below, "reply_status"), batch.reply_status, message),
    )
    return replace(protocol, body=encoder), compiled


def _encoder(context: Context, path: Path, message: pb.Destination) -> ListEncoder | None:
    is_rest, batch = message.HasField("rest"), message.batch
    body = message.rest.body if is_rest else message.webhook.body
    is_query = is_rest and message.rest.method in IN_QUERY
    chosen = body_of(body, Format.QUERY if is_query else Format.JSON)
    if chosen.format is Format.FIXED_WIDTH and not chosen.fixed_width.terminator:
        words = (
            "the records of a request stand one behind the other; where the recipient takes lines, give the"
        )
        context.findings.warning((*path, "batch"), f"{words} body's `fixed_width` a `terminator`")
    try:
        return compile_list(
            chosen,
            at=batch.list,
            beside={name: plain_value(value) for name, value in sorted(batch.beside.items())},
            is_newline=batch.newline_json,
            types=context.types,
            sensitive=context.sensitive,
        )
    except NotCompiled as error:
        context.complain_all((*path, "batch"), error)
        return None


def _linger(context: Context, path: Path, message: pb.Destination) -> float:
    if not message.batch.HasField("linger"):
        return LINGER
    seconds = context.seconds((*path, "linger"), message.batch.linger, may_be_zero=True)
    total = message.timeouts.total
    most = total.seconds + total.nanos / 1e9 if message.timeouts.HasField("total") else 30.0
    if seconds >= most:
        words = f"is not below `timeouts.total` ({most:g}s), so that no lead would be sent"
        context.findings.problem((*path, "linger"), words)
    return seconds


def _check_request(context: Context, path: Path, message: pb.Destination) -> None:
    """What all leads of a request share cannot be of one of them."""
    kind = message.WhichOneof("protocol") or ""
    protocol = message.rest if message.HasField("rest") else message.webhook
    words = "is the same for all leads of a request, and cannot be a template; put the value into the mapping"
    places = {(*path, kind, "url"): protocol.url}
    places |= {(*path, kind, "headers", name): value for name, value in protocol.headers.items()}
    for index, backup in enumerate(message.endpoints.backups):
        places[(*path, "endpoints", "backups", index, "url")] = backup.url
    for place, text in places.items():
        if "{{" in text:
            context.findings.problem(place, words)
    for index, auth in enumerate(message.auth):
        if auth.api_key.field and not message.batch.list:
            remedy = "a body that is a list has no members; use `header` or `query`, or name the list's place"
            context.findings.problem((*path, "auth", index, "api_key", "field"), f"{remedy} in `batch.list`")


def _check_key(context: Context, path: Path, message: pb.Destination) -> None:
    batch, mapped = message.batch, [rule.to for rule in message.mapping]
    if batch.key and message.pass_through != pb.PASS_THROUGH_ALL and batch.key not in mapped and mapped:
        hint = did_you_mean(batch.key, mapped, otherwise="it gives")
        context.findings.problem((*path, "key"), f"the mapping gives nothing at {named(batch.key)}{hint}")
    if batch.reply_key and not batch.key:
        words = "says where a reply repeats what `key` names; add `key`, a path of the mapping"
        context.findings.problem((*path, "reply_key"), words)
    if not message.HasField("reading") and not batch.reply_status:
        words = "without a `reading` or a `reply_status` every lead of a reply with status 200 is a success"
        context.findings.warning(path, f"{words}, whatever it says of each")
    resends = message.when_unknown == pb.WHEN_UNKNOWN_RESEND
    if resends and not any("delivery." in str(rule.value) for rule in message.mapping):
        words = (
            "the recipient cannot know a lead again that is sent in another batch, whose Idempotency-Key is "
            "another; map `{{delivery.idempotency_key}}`, by which it can"
        )
        context.findings.warning((*path[:-1], "when_unknown"), words)


def _replies(context: Context, path: Path, message: pb.Destination) -> ReplyPath | None:
    found = _reply_path(context, path, message.batch.replies, message)
    if found is not None and found.css is not None and found.css.attribute:
        context.findings.problem(path, "selects elements, one for each lead, and no attribute of them")
    return found


def _reply_path(context: Context, path: Path, text: str, message: pb.Destination) -> ReplyPath | None:
    if not text:
        return None
    try:
        return parse_path(text, dict(message.reading.namespaces))
    except BadPath as error:
        context.findings.problem(path, str(error))
        return None
