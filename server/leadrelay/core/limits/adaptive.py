"""How many leads a recipient can take at once, found out by watching it, as a value (behaviour 7).

Below its capacity a recipient answers about as fast as it ever does; beyond it leads only queue up
over there, and every answer takes longer. So the limit follows the queue that the answers give away
(in flight x (1 - fastest / typical), as TCP Vegas does): no queue, one more per round of answers; a
long one, one less. A recipient that says "too many", or nothing, costs a tenth, once per round.

What is typical is an average over about one round, for single answers take now more and now less. How
fast it can be is looked for anew now and then, at half the limit, or the time that leads spend in that
very queue would come to be taken for the recipient's own.

Times are seconds on any clock that never goes back.
"""

from dataclasses import dataclass, replace

from leadrelay.core.limits.breaker import is_failure
from leadrelay.core.outcome import Kind, Outcome, ReasonCode

SHORT, LONG = 1.0, 3.0  # leads that may queue up over there: below it grows, above it shrinks
LESS = 0.9  # what a refusal leaves of the limit
FASTEST_FOR = 60.0  # seconds after which that is looked for anew
SHORTEST = 1e-4  # seconds; no answer takes less
FIRST = 8  # where it starts from, if that is allowed
_OTHER_REASONS = (ReasonCode.CAP_EXCEEDED, ReasonCode.HOURS)  # "not now", whatever else is under way


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptiveRule:
    minimum: int = 1
    maximum: int = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Adaptive:
    rule: AdaptiveRule
    limit: float
    typical: float = 0.0  # seconds; 0: no answer yet
    fastest: float = 0.0  # the least that was typical
    looked_at: float = 0.0  # since when that is looked for
    shrunk_at: float = float("-inf")

    @classmethod
    def first(cls, rule: AdaptiveRule) -> "Adaptive":
        return cls(rule=rule, limit=float(min(rule.maximum, max(rule.minimum, FIRST))))

    @property
    def slots(self) -> int:
        """How many may be out at once."""
        return int(self.limit)

    def heard(self, outcome: Outcome, took: float, in_flight: int, now: float) -> "Adaptive":
        """What an answer after `took` seconds, one of `in_flight`, changes."""
        if _is_too_much(outcome):
            return self._refused(took, now)
        seen = self._timed(took, now)
        queue = in_flight * (1 - seen.fastest / seen.typical)
        if queue > LONG:
            return seen._moved(-1 / seen.limit)
        if queue < SHORT and in_flight * 2 > seen.limit:  # a limit that nobody needs does not grow
            return seen._moved(1 / seen.limit)
        return seen

    def _refused(self, took: float, now: float) -> "Adaptive":
        """A tenth less; the others that were out at the same moment have said the same thing."""
        if now - took < self.shrunk_at:
            return self
        return replace(self._moved(self.limit * (LESS - 1)), shrunk_at=now)

    def _timed(self, took: float, now: float) -> "Adaptive":
        took = max(took, SHORTEST)
        if not self.typical:
            return replace(self, typical=took, fastest=took, looked_at=now)
        typical = self.typical + (took - self.typical) / max(self.limit, FIRST)
        if now - self.looked_at >= FASTEST_FOR:
            return replace(self._moved(-self.limit / 2), typical=typical, fastest=typical, looked_at=now)
        return replace(self, typical=typical, fastest=min(self.fastest, typical))

    def _moved(self, by: float) -> "Adaptive":
        limit = min(float(self.rule.maximum), max(float(self.rule.minimum), self.limit + by))
        return replace(self, limit=limit)


def _is_too_much(outcome: Outcome) -> bool:
    if outcome.kind is Kind.SOFT_REJECT:
        return outcome.code not in _OTHER_REASONS
    return is_failure(outcome)
