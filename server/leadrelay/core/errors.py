"""Errors are decisions the caller has to make: one class per decision.

Messages never carry URLs, credentials or lead values, because they are recorded and shown.
"""

from leadrelay.core.limits.full import Full
from leadrelay.core.outcome import ReasonCode


class DeliveryError(Exception):
    """One attempt could not be brought to an answer."""

    def __init__(self, code: ReasonCode, words: str) -> None:
        super().__init__(words)
        self.code, self.words = code, words


class NotSent(DeliveryError):
    """No byte of the lead left this machine, so another try sells it once."""


class NoAnswer(DeliveryError):
    """The lead went out and nothing readable came back; a retry may sell it twice."""


class ParkUntil(Exception):
    """Nothing goes out to the destination before a moment: the delivery waits for it in the journal.

    Raised by whoever knows the moment, such as an outlet that is full or closed, before a slot is taken.
    A moment that is near is waited for in line instead.
    """

    def __init__(self, due_at: int, reason: str, cap: str = "") -> None:
        super().__init__(reason)
        self.due_at, self.reason = due_at, reason  # ns since the epoch; why, for people
        self.cap = cap  # the key of the cap that is full, where a place that comes free ends it sooner


class NotNow(DeliveryError):
    """The outlet lets nothing out now; the caller skips, waits or parks, as the destination says."""

    def __init__(self, full: Full) -> None:
        super().__init__(full.code, full.words)
        self.full = full


class JournalError(Exception):
    """The journal could not be written or read; nothing was recorded and nothing may be told."""


class Undecided(JournalError):
    """The journal takes so long that nobody can say whether the lead was accepted."""


class AlreadyReceived(Exception):
    """A request id was used before: the caller joins that lead or is told of the conflict."""

    def __init__(self, lead_id: str, digest: str) -> None:
        super().__init__(f"the request id belongs to lead {lead_id}")
        self.lead_id, self.digest = lead_id, digest
