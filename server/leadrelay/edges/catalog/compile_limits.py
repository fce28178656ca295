"""What an outlet may let out: rate, caps, schedule, breaker and adaptive concurrency (behaviour 7)."""

import math
from dataclasses import dataclass

from leadrelay.core.limits import Limits
from leadrelay.core.limits.adaptive import AdaptiveRule
from leadrelay.core.limits.breaker import BreakerRule
from leadrelay.core.limits.full import WhenFull
from leadrelay.core.limits.rate import Rate
from leadrelay.edges.catalog.compile_caps import compile_caps
from leadrelay.edges.catalog.compile_schedule import compile_schedule as _schedule
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.v1 import destination_pb2 as pb

CONCURRENCY, QUEUE = 32, 10_000  # where nothing is said
MAX_CONCURRENCY = 10_000
MAX_QUEUE = 1_000_000
MAX_PER_SECOND = 1_000_000
MAX_BURST = 1_000_000
MAX_ATTEMPTS_WATCHED = 1_000_000
MAX_PROBES = 1_000

_WHEN_FULL = {pb.WHEN_FULL_WAIT: WhenFull.WAIT, pb.WHEN_FULL_PARK: WhenFull.PARK}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outflow:
    """The parts of a destination that its limits say."""

    concurrency: int
    queue: int
    limits: Limits | None  # None: it asks for nothing else, and its outlet asks nobody


def compile_limits(context: Context, path: Path, destination: pb.Destination) -> Outflow:
    """The limits of a destination, after every problem with them has been noted."""
    message = destination.limits
    for name, most in (("concurrency", MAX_CONCURRENCY), ("queue", MAX_QUEUE)):
        if getattr(message, name) > most:
            context.findings.problem((*path, name), f"cannot be more than {most}")
    outflow = Outflow(
        concurrency=message.concurrency or CONCURRENCY,
        queue=message.queue or QUEUE,
        limits=_limits(context, path, destination),
    )
    _when_full(context, path, message)
    return outflow


def _limits(context: Context, path: Path, destination: pb.Destination) -> Limits | None:
    message = destination.limits
    asks = message.HasField
    if not (message.caps or asks("rate") or asks("schedule") or asks("breaker") or asks("adaptive")):
        return None
    return Limits(
        rate=_rate(context, (*path, "rate"), message.rate) if asks("rate") else None,
        caps=compile_caps(context, (*path, "caps"), destination),
        schedule=_schedule(context, (*path, "schedule"), message.schedule) if asks("schedule") else None,
        breaker=_breaker(context, (*path, "breaker"), message.breaker) if asks("breaker") else None,
        adaptive=_adaptive(context, (*path, "adaptive"), message) if asks("adaptive") else None,
        when_full=_WHEN_FULL.get(message.when_full, WhenFull.SKIP),
    )


def _rate(context: Context, path: Path, message: pb.Rate) -> Rate:
    per_second = message.per_second
    if not per_second and not context.findings.is_written((*path, "per_second")):
        context.findings.absence(path, "needs `per_second`; 0.5 is one every two seconds")
    elif not (0 < per_second <= MAX_PER_SECOND):
        words = f"must be more than 0 and at most {MAX_PER_SECOND}; 0.5 is one every two seconds"
        context.findings.problem((*path, "per_second"), words)
    if message.burst > MAX_BURST:
        context.findings.problem((*path, "burst"), f"cannot be more than {MAX_BURST}")
    is_usable = math.isfinite(per_second) and per_second > 0
    return Rate(per_second=per_second if is_usable else 1.0, burst=message.burst or 1)


def _breaker(context: Context, path: Path, message: pb.Breaker) -> BreakerRule:
    share = message.failure_share
    if not 0 <= share <= 1:  # also what is no number
        words = "must be from 0 to 1; 0.5 opens it when half of the attempts failed"
        context.findings.problem((*path, "failure_share"), words)
    for name, most in (("minimum", MAX_ATTEMPTS_WATCHED), ("probes", MAX_PROBES)):
        if getattr(message, name) > most:
            context.findings.problem((*path, name), f"cannot be more than {most}")
    given = {
        name: context.seconds((*path, name), getattr(message, name))
        for name in ("window", "open_for")
        if message.HasField(name)
    }
    return BreakerRule(
        failure_share=share or 0.5,
        minimum=message.minimum or 20,
        probes=message.probes or 1,
        **{name: seconds for name, seconds in given.items() if seconds > 0},
    )


def _adaptive(context: Context, path: Path, limits: pb.Limits) -> AdaptiveRule:
    asked, most = limits.adaptive, limits.concurrency or CONCURRENCY
    if asked.maximum > MAX_CONCURRENCY:
        context.findings.problem((*path, "maximum"), f"cannot be more than {MAX_CONCURRENCY}")
    if limits.concurrency and asked.maximum > limits.concurrency:
        words = f"is never reached, because `concurrency`, {limits.concurrency}, is the most in any case"
        context.findings.warning((*path, "maximum"), words)
    maximum = min(asked.maximum, limits.concurrency or asked.maximum) or most
    minimum = asked.minimum or 1
    if minimum > maximum:
        which = "`maximum`" if asked.maximum else "`concurrency`"
        said = "" if asked.maximum or limits.concurrency else ", which is so by default"
        context.findings.problem((*path, "minimum"), f"is above {which}, {maximum}{said}")
    return AdaptiveRule(minimum=min(minimum, maximum), maximum=maximum)


def _when_full(context: Context, path: Path, message: pb.Limits) -> None:
    """Rates and slots always wait, so that a choice needs something else that can be full."""
    can_be_full = message.caps or message.HasField("schedule") or message.HasField("breaker")
    if message.when_full and not can_be_full and not context.findings.is_damaged(path):
        words = "means something with caps, a schedule or a breaker; a rate is always waited for"
        context.findings.warning((*path, "when_full"), words)
