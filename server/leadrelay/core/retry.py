"""Whether a failed attempt is worth another, and how long to wait first (behaviour 4.4)."""

import re
from collections.abc import Set
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import Arrived, Kind, Outcome

MAX_ASKED = 7 * 86_400.0  # seconds; a recipient that asks for more has lost its clock
EPOCH = 1e9  # a number from here on is a moment, in seconds since 1970
_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?")
RETRYABLE_ERRORS = frozenset({Kind.SYSTEM_ERROR, Kind.TIMEOUT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Exponential back-off. Times are seconds."""

    attempts: int = 1  # in all; 1: never again
    first_delay: float = 1.0
    factor: float = 2.0
    max_delay: float = 60.0
    jitter: bool = False
    on: Set[str] | None = None  # outcome kinds and reason codes; None: see `is_worth_another`
    park_after: float = 30.0  # longer pauses are parked in the journal

    def delay(self, failed: int, chance: float, asked: float = 0.0) -> float:
        """The pause after so many failed attempts.

        `chance` in [0, 1) is the random share that full jitter takes of the delay. `asked` is the
        recipient's own Retry-After: it raises the pause and is never undercut.
        """
        # The exponent is bounded so that a schedule of days cannot overflow a float.
        grown = self.first_delay * self.factor ** min(failed - 1, 64)
        pause = min(grown, self.max_delay)
        return max(pause * chance if self.jitter else pause, asked)

    def parks(self, pause: float, left: float) -> bool:
        """Whether a pause is waited for in the journal rather than in line, with `left` of `total` left."""
        return pause > self.park_after or pause >= left

    def is_worth_another(self, outcome: Outcome, made: int, *, may_resend_unknown: bool = False) -> bool:
        """Whether another attempt may follow the `made` ones.

        A lead that may have arrived is sent again only where the recipient is known to honour the
        Idempotency-Key, whatever `on` says: a retry must not sell a lead twice.
        """
        if made >= self.attempts or outcome.kind in (Kind.SUCCESS, Kind.HARD_REJECT, Kind.SKIPPED):
            return False
        if outcome.is_unresolved and not may_resend_unknown:
            return False
        if self.on is not None:
            return outcome.kind in self.on or outcome.code in self.on or self._resends(outcome)
        return outcome.kind is Kind.SOFT_REJECT or (
            outcome.kind in RETRYABLE_ERRORS and (outcome.arrived is Arrived.NO or self._resends(outcome))
        )

    @staticmethod
    def _resends(outcome: Outcome) -> bool:
        return outcome.is_unresolved  # only asked once `may_resend_unknown` has let it through


def retry_after(reply: Reply, now: int) -> float:
    """The pause in seconds that a reply asks for (RFC 9110, 10.2.3); 0 where it asks for none.

    `now` is in nanoseconds since the epoch. A date in the past and an unreadable value ask for none, and
    more than MAX_ASKED is not heard. Fractions of seconds, ISO 8601 dates and seconds since 1970 are not as
    the RFC has them, but as some services write them; to take them for nothing, or for a pause of decades,
    would be to come back too early, or days too late.
    """
    text = (reply.header("retry-after") or "").strip()
    if not text:
        return 0.0
    if _SECONDS.fullmatch(text):
        seconds = float(text[:12])
        if seconds < EPOCH:
            return min(seconds, MAX_ASKED)
        return _until(seconds, now)
    moment = _moment(text)
    return 0.0 if moment is None else _until(moment.timestamp(), now)


def _until(moment: float, now: int) -> float:
    return min(max(0.0, moment - now / 1e9), MAX_ASKED)


def _moment(text: str) -> datetime | None:
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(text)
        except ValueError:
            continue
        # "-0000", and what names no zone, is UTC.
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
