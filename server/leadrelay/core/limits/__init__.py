"""What an outlet may let out, decided from what happened so far and the time (behaviour 7).

Everything here is a value or a count: the time is handed in, and whoever waits does so elsewhere
(runtime/limits). A destination without limits has none of this.
"""

from dataclasses import dataclass

from leadrelay.core.limits.adaptive import AdaptiveRule
from leadrelay.core.limits.breaker import BreakerRule
from leadrelay.core.limits.caps import Cap
from leadrelay.core.limits.full import WhenFull
from leadrelay.core.limits.rate import Rate
from leadrelay.core.limits.schedule import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a destination asks for, besides concurrency and the length of the queue."""

    rate: Rate | None = None
    caps: tuple[Cap, ...] = ()
    schedule: Schedule | None = None
    breaker: BreakerRule | None = None
    adaptive: AdaptiveRule | None = None
    when_full: WhenFull = WhenFull.SKIP
