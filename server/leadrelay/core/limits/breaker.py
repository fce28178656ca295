"""A circuit breaker as a value: an outlet that mostly fails is left alone for a while (behaviour 7).

It counts in tenths of its window, so that it costs the same at ten attempts a minute and at ten
thousand. Only what says that the recipient is broken counts as a failure: system errors and timeouts.
A "no" or a "not now" is an answer, and an answer is a sign of health.

Times are seconds on any clock that never goes back.
"""

from dataclasses import dataclass, field, replace

from leadrelay.core.limits.full import Full
from leadrelay.core.limits.wall import in_utc
from leadrelay.core.outcome import Kind, Outcome, ReasonCode

SLICES = 10
# What went wrong on our side, or was never tried, and so says nothing about the recipient.
_OURS = frozenset(
    {
        ReasonCode.CANCELLED,
        ReasonCode.INTERRUPTED,
        ReasonCode.QUEUE_FULL,
        ReasonCode.MAPPING_REQUIRED,
        ReasonCode.MAPPING_INVALID,
        ReasonCode.SSRF_BLOCKED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerRule:
    failure_share: float = 0.5  # opens when at least this share failed
    minimum: int = 20  # and there were at least so many
    window: float = 60.0
    open_for: float = 30.0
    probes: int = 1  # so many in a row must pass, one at a time, before it closes


@dataclass(frozen=True, slots=True)
class _Slice:
    number: int
    made: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """Closed, open until a moment, or half open, where one lead at a time finds out."""

    rule: BreakerRule = field(default_factory=BreakerRule)
    opened_at: float | None = None  # None: it is closed
    since: float = 0.0  # of this outage; a probe that fails does not begin another one
    failed: int = 0  # what opened it
    made: int = 0
    passed: int = 0  # probes in a row
    is_probing: bool = False
    slices: tuple[_Slice, ...] = ()  # the oldest first

    @property
    def is_closed(self) -> bool:
        return self.opened_at is None

    @property
    def tries_at(self) -> float:
        """When it is half open; means something only while it is open."""
        return (self.opened_at or 0.0) + self.rule.open_for

    def lets_pass(self, now: float) -> bool:
        """Whether a lead may go now: any while it is closed, one while it is half open."""
        return self.is_closed or (now >= self.tries_at and not self.is_probing)

    def entered(self) -> "Breaker":
        """A lead was let pass; where it is half open, that one is the probe."""
        return self if self.is_closed else replace(self, is_probing=True)

    def withdrawn(self) -> "Breaker":
        """The probe came back without having been sent; the next lead is one."""
        return replace(self, is_probing=False)

    def heard(self, outcome: Outcome, now: float, *, was_probe: bool) -> "Breaker":
        """What the outcome of one attempt changes. Late answers of an outage that has begun say nothing."""
        if outcome.code in _OURS:
            return self.withdrawn() if was_probe else self
        if was_probe:
            return self._probed(is_failure(outcome), now)
        if not self.is_closed:
            return self
        return self._counted(is_failure(outcome), now)

    def _probed(self, has_failed: bool, now: float) -> "Breaker":
        if has_failed:
            return replace(self, opened_at=now, passed=0, is_probing=False)
        if self.passed + 1 < self.rule.probes:
            return replace(self, passed=self.passed + 1, is_probing=False)
        return Breaker(rule=self.rule)

    def _counted(self, has_failed: bool, now: float) -> "Breaker":
        width = self.rule.window / SLICES
        number = int(now // width)
        slices = tuple(one for one in self.slices if one.number > number - SLICES)
        if slices and slices[-1].number == number:
            last, slices = slices[-1], slices[:-1]
        else:
            last = _Slice(number)
        slices = (*slices, _Slice(number, last.made + 1, last.failed + has_failed))
        if not has_failed:
            return replace(self, slices=slices)
        made, failed = sum(one.made for one in slices), sum(one.failed for one in slices)
        if made < self.rule.minimum or failed < made * self.rule.failure_share:
            return replace(self, slices=slices)
        return Breaker(rule=self.rule, opened_at=now, since=now, failed=failed, made=made)


def breaker_open(breaker: Breaker, *, since: int, tries_at: int, is_probing: bool) -> Full:
    """Why no lead goes now. Where one is on its way already, `tries_at` is when another look is due."""
    how = f"{breaker.failed} of {breaker.made} attempts failed within {breaker.rule.window:g} s"
    then = "one lead is finding out" if is_probing else f"tries one lead at {in_utc(tries_at)}"
    return Full(
        code=ReasonCode.BREAKER_OPEN,
        words=f"breaker open since {in_utc(since)}: {how}; {then}",
        opens_at=tries_at,
        may_open_sooner=is_probing,
    )


def is_failure(outcome: Outcome) -> bool:
    """The recipient, or the way to it, is broken."""
    return outcome.kind in (Kind.SYSTEM_ERROR, Kind.TIMEOUT) and outcome.code not in _OURS
