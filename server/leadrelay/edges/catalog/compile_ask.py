"""The status request of a destination: what it is asked when nobody knows whether a lead arrived."""

from collections.abc import Callable
from dataclasses import replace

from leadrelay.core.destination import StatusRequest
from leadrelay.core.enquiring import PATIENCE
from leadrelay.core.retry import Backoff
from leadrelay.edges.catalog.compile_protocol import compile_rest
from leadrelay.edges.catalog.compile_reading import compile_a_reading, compile_matches
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.v1 import destination_pb2 as pb

_NOT_OF_ASKING = ("jitter", "on", "park_after")
_NOT_FOUND = (pb.Match(status="404"),)

CompileRetry = Callable[[Context, Path, pb.Retry], Backoff]


def compile_ask(
    context: Context, path: Path, message: pb.Destination, compile_retry: CompileRetry
) -> StatusRequest | None:
    """The status request of a destination at a path; None where it has none, or a problem is noted."""
    is_meant = message.when_unknown == pb.WHEN_UNKNOWN_ASK
    if not message.HasField("ask"):
        if is_meant:
            words = "`ask` needs a request to ask with; add `ask: {request: {url: ...}, reading: {...}}`"
            context.findings.problem((*path, "when_unknown"), words)
        return None
    below = (*path, "ask")
    if not is_meant:
        context.findings.problem(below, "is for `when_unknown: ask` only; add that, or remove this")
    if any(auth.HasField("wsse") for auth in message.auth):
        words = "cannot be signed: `wsse` is a part of SOAP envelopes, and a status request has none"
        context.findings.problem(below, words)
    ask = message.ask
    if not ask.reading.rules:
        words = "needs a `reading` with a rule for each answer that decides: that it answers is no success"
        context.findings.absence(below, words)
    request = compile_rest(context, (*below, "request"), ask.request, by_default="GET")
    reading = compile_a_reading(context, (*below, "reading"), ask.reading)
    not_known = compile_matches(context, (*below, "not_known"), ask.not_known or _NOT_FOUND)
    retry = _retry(context, (*below, "retry"), ask, compile_retry)
    if request is None or reading is None or not_known is None:
        return None
    return StatusRequest(request=request, reading=reading, not_known=not_known, retry=retry)


def _retry(context: Context, path: Path, ask: pb.StatusRequest, compile_retry: CompileRetry) -> Backoff:
    if not ask.HasField("retry"):
        return PATIENCE
    for field, _ in ask.retry.ListFields():
        if field.name in _NOT_OF_ASKING:
            context.findings.problem((*path, field.name), "means nothing for a status request; remove it")
    given = compile_retry(context, path, ask.retry)
    return replace(
        given,
        attempts=ask.retry.attempts or PATIENCE.attempts,
        first_delay=given.first_delay if ask.retry.HasField("first_delay") else PATIENCE.first_delay,
    )
