"""One destination, compiled from its message with everything that is wrong with it noted."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from hashlib import sha256

from leadrelay.core.destination import Destination, Direct, Soap, Timeouts, WhenUnknown
from leadrelay.core.outcome import Kind, ReasonCode
from leadrelay.core.reading import PeerReading, Reading
from leadrelay.core.retry import Backoff
from leadrelay.edges.catalog.compile_ask import compile_ask
from leadrelay.edges.catalog.compile_auth import compile_proofs
from leadrelay.edges.catalog.compile_batch import compile_batch
from leadrelay.edges.catalog.compile_connection import compile_connection
from leadrelay.edges.catalog.compile_endpoints import compile_endpoints
from leadrelay.edges.catalog.compile_examples import check_examples
from leadrelay.edges.catalog.compile_limits import compile_limits
from leadrelay.edges.catalog.compile_mapping import compile_destination_mapping
from leadrelay.edges.catalog.compile_prices import compile_prices
from leadrelay.edges.catalog.compile_protocol import compile_protocol
from leadrelay.edges.catalog.compile_reading import compile_destination_reading
from leadrelay.edges.catalog.compile_soap import check_wsdl
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.doubts import doubt_sales
from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.problems import did_you_mean, named
from leadrelay.v1 import destination_pb2 as pb

MAX_ATTEMPTS = 1_000
MAX_FACTOR = 100

_WHEN_UNKNOWN = {
    pb.WHEN_UNKNOWN_CONTINUE: WhenUnknown.CONTINUE,
    pb.WHEN_UNKNOWN_RESEND: WhenUnknown.RESEND,
    pb.WHEN_UNKNOWN_ASK: WhenUnknown.ASK,
}
_NEVER_RETRIED = (Kind.SUCCESS, Kind.HARD_REJECT, Kind.SKIPPED)
_RETRIED = (Kind.SOFT_REJECT, Kind.SYSTEM_ERROR, Kind.TIMEOUT)


def compile_destination(context: Context, path: Path, message: pb.Destination) -> Destination | None:
    """The destination at a path, or None where one of its parts could not be compiled."""
    protocol, batch = compile_batch(context, path, message, compile_protocol(context, path, message))
    mapping = compile_destination_mapping(context, path, message)
    proofs = compile_proofs(context, path, message)
    reading = _reading(context, path, message)
    timeouts = _timeouts(context, (*path, "timeouts"), message.timeouts)
    retry = _retry(context, (*path, "retry"), message.retry)
    _doubt_pauses(context, (*path, "retry"), retry, timeouts)
    ask = compile_ask(context, path, message, _retry)
    outflow = compile_limits(context, (*path, "limits"), message)
    connection = compile_connection(context, path, message)
    endpoints = compile_endpoints(context, path, message)
    check_examples(context, path, message.examples)
    if reading is not None and not isinstance(protocol, Direct):
        doubt_sales(context, path, message, reading)
    if protocol is None or mapping is None or reading is None:
        return None
    if isinstance(protocol, Soap):
        check_wsdl(context, path, message, protocol)
    elif not isinstance(protocol, Direct):
        _check_paths(context, (*path, "mapping"), [rule.to for rule in message.mapping], protocol.body.check)
    return Destination(
        name=message.name,
        protocol=protocol,
        mapping=mapping,
        reading=reading,
        prices=compile_prices(context, (*path, "prices"), message.prices),
        proofs=proofs,
        timeouts=timeouts,
        retry=retry,
        when_unknown=when_unknown(message),
        ask=ask,
        concurrency=outflow.concurrency,
        queue=outflow.queue,
        limits=outflow.limits,
        http_version=connection.http_version,
        proxy=connection.proxy,
        endpoints=endpoints,
        batch=batch,
        egress=context.egress,
        fingerprint=_fingerprint(context, message),
    )


def _check_paths(
    context: Context, path: Path, paths: Sequence[str], check: Callable[[Iterable[str]], list[str]]
) -> None:
    """What the body says to each path of the mapping, and then to all of them together."""
    told: set[str] = set()
    for index, to in enumerate(paths):
        for words in check([to]):
            if words not in told:
                context.findings.problem((*path, index, "to"), words)
            told.add(words)
    for words in check(paths):
        if words not in told:
            context.findings.problem(path, words)


def when_unknown(message: pb.Destination) -> WhenUnknown:
    """Another leadrelay honours the request id, so that what is sent to it again joins what it has."""
    by_default = WhenUnknown.RESEND if message.HasField("direct") else WhenUnknown.HOLD
    unsaid = message.when_unknown == pb.WHEN_UNKNOWN_UNSPECIFIED
    return by_default if unsaid else _WHEN_UNKNOWN.get(message.when_unknown, WhenUnknown.HOLD)


def _reading(context: Context, path: Path, message: pb.Destination) -> Reading | PeerReading | None:
    if message.HasField("direct"):
        return PeerReading()
    return compile_destination_reading(context, path, message)


def _fingerprint(context: Context, message: pb.Destination) -> str:
    """Of everything that its behaviour follows from: its message, what fields are masked, what it may reach.

    An outlet lives on, with its connections and its token, for as long as this stays the same.
    """
    told = pb.Destination()
    told.CopyFrom(message)
    told.ClearField("examples")
    digest = sha256(told.SerializeToString(deterministic=True))
    for name in sorted(context.sensitive):
        digest.update(f"\n{name}".encode())
    for code in context.codes:
        digest.update(f"\n{code.matches}\0{code.code}".encode())
    for rule in sorted(map(str, context.egress)):
        digest.update(f"\n{rule}".encode())
    return digest.hexdigest()


def _timeouts(context: Context, path: Path, message: pb.Timeouts) -> Timeouts:
    given = {
        field.name: context.seconds((*path, field.name), duration) for field, duration in message.ListFields()
    }
    timeouts = Timeouts(**given)
    for name in ("connect", "response"):
        if given.get(name, 0) > timeouts.total:
            total = f"{timeouts.total:g}s" + ("" if "total" in given else ", by default")
            words = f"is never reached, because `total` ({total}) ends everything before"
            context.findings.warning((*path, name), words)
    return timeouts


def _retry(context: Context, path: Path, message: pb.Retry) -> Backoff:
    if message.attempts > MAX_ATTEMPTS:
        context.findings.problem((*path, "attempts"), f"more than {MAX_ATTEMPTS} attempts cannot be meant")
    if message.factor and not 1 <= message.factor <= MAX_FACTOR:
        words = f"must be from 1 to {MAX_FACTOR}, so that pauses neither shrink nor leap"
        context.findings.problem((*path, "factor"), words)
    backoff = Backoff(
        attempts=message.attempts or 1,
        factor=message.factor or 2.0,
        jitter=message.jitter,
        on=_retried_on(context, (*path, "on"), message) if message.on else None,
    )
    return _with_pauses(context, path, message, backoff)


def _doubt_pauses(context: Context, path: Path, retry: Backoff, timeouts: Timeouts) -> None:
    """A warning where already the first pause ends the delivery: none of it is short, or long, enough."""
    pause = retry.first_delay
    if retry.attempts > 1 and not retry.jitter and timeouts.total <= pause <= retry.park_after:
        words = f"a pause of {pause:g}s does not fit into `total` ({timeouts.total:g}s), and is no longer"
        then = f"than `park_after` ({retry.park_after:g}s), so that nothing is ever sent again"
        context.findings.warning(path, f"{words} {then}")


def _with_pauses(context: Context, path: Path, message: pb.Retry, backoff: Backoff) -> Backoff:
    first, most, park_after = backoff.first_delay, backoff.max_delay, backoff.park_after
    if message.HasField("first_delay"):
        first = context.seconds((*path, "first_delay"), message.first_delay, may_be_zero=True)
    if message.HasField("max_delay"):
        most = context.seconds((*path, "max_delay"), message.max_delay)
        if most < first:
            context.findings.problem((*path, "max_delay"), f"is below the first delay, {first:g}s")
    if message.HasField("park_after"):
        park_after = context.seconds((*path, "park_after"), message.park_after, may_be_zero=True)
    return replace(backoff, first_delay=first, max_delay=max(first, most), park_after=park_after)


def _retried_on(context: Context, path: Path, message: pb.Retry) -> frozenset[str]:
    known = {word.value for word in (*_RETRIED, *ReasonCode)}
    for index, word in enumerate(message.on):
        if word in _NEVER_RETRIED:
            context.findings.problem((*path, index), f"a {named(word)} is never retried")
        elif word not in known:
            hint = did_you_mean(word, known, otherwise="there are")
            context.findings.problem(
                (*path, index), f"no outcome or reason code is called {named(word)}{hint}"
            )
    return frozenset(message.on)
