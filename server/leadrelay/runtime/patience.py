"""How long a delivery waits: `total` round everything, `connect` and `response` within it (behaviour 4.3).

All three are one cancel scope whose deadline moves on with what is being waited for. A scope round each
would say the same at three times the price, and this is on the way of every attempt.
"""

import math

import trio

from leadrelay.core.destination import Timeouts
from leadrelay.core.outcome import ReasonCode


class Patience:
    """The time of one delivery. Times are seconds on trio's clock."""

    __slots__ = ("_ends_at", "_phase", "_phase_ends_at", "_scope", "_stopped_at", "_timeouts")

    def __init__(self, timeouts: Timeouts, total: float | None = None) -> None:
        """`total` takes the place of that of `timeouts`."""
        self._timeouts = timeouts
        self._ends_at = trio.current_time() + (timeouts.total if total is None else total)
        self._phase = ReasonCode.TIMEOUT_TOTAL
        self._phase_ends_at = math.inf
        self._scope = trio.CancelScope()

    @property
    def left(self) -> float:
        """What remains of `total`."""
        return self._ends_at - trio.current_time()

    def scope(self) -> trio.CancelScope:
        """A new scope, to be entered at once: one that has run out serves no further attempt."""
        self._phase_ends_at = math.inf
        self._scope = trio.CancelScope(deadline=self._ends_at)
        return self._scope

    def cancel(self) -> None:
        self._scope.cancel()

    def rest(self) -> None:
        """Neither a connection nor an answer is waited for: `total` alone counts."""
        if self._phase_ends_at != math.inf:
            self._phase_ends_at = math.inf
            self._scope.deadline = self._ends_at

    def connecting(self) -> None:
        """A connection is waited for from here on."""
        self._wait_for(ReasonCode.TIMEOUT_CONNECT, self._timeouts.connect)

    def answering(self) -> None:
        """The answer is waited for from here on."""
        self._wait_for(ReasonCode.TIMEOUT_RESPONSE, self._timeouts.response)

    def stop(self) -> None:
        """What is done until `go_on` is ours and not the recipient's, such as waiting for our own journal."""
        self._stopped_at = trio.current_time()
        self._scope.deadline = math.inf

    def go_on(self) -> None:
        """Time counts again."""
        self._ends_at += trio.current_time() - self._stopped_at
        self._phase_ends_at = math.inf
        self._scope.deadline = self._ends_at

    def ran_out(self) -> ReasonCode | None:
        """Which of the three has passed, the first of them; None: none has."""
        first = min(self._ends_at, self._phase_ends_at)
        if trio.current_time() < first:
            return None
        return self._phase if self._phase_ends_at < self._ends_at else ReasonCode.TIMEOUT_TOTAL

    @property
    def late_by(self) -> float:
        """Seconds since the first of them passed; 0 where none has."""
        return max(0.0, trio.current_time() - min(self._ends_at, self._phase_ends_at))

    def _wait_for(self, phase: ReasonCode, seconds: float) -> None:
        self._phase, self._phase_ends_at = phase, trio.current_time() + seconds
        self._scope.deadline = min(self._phase_ends_at, self._ends_at)
