"""A token bucket as one number: the moment at which it would be full again.

That is the same as counting tokens that drip in (it is known as GCRA), and no error adds up however
long it runs. Times are seconds on any clock that never goes back.
"""

import math
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    per_second: float
    burst: int = 1  # how many may go at once after a pause


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    rate: Rate
    full_at: float = -math.inf

    def ready_at(self, now: float) -> float:
        """When the next one may go: `now`, or later."""
        return max(now, self.full_at - (self.rate.burst - 1) / self.rate.per_second)

    def after_one(self, now: float) -> "Bucket":
        """The bucket once one has gone."""
        return replace(self, full_at=max(self.full_at, now) + 1 / self.rate.per_second)
