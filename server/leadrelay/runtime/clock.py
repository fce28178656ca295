"""The wall clock and new ids: the two things that `core` is handed because it may not ask."""

import os
import time

from leadrelay.core.lead import uuid7


class WallClock:
    """The machine's own time."""

    def now(self) -> int:
        """Nanoseconds since the epoch, UTC."""
        return time.time_ns()


def new_lead_id(now: int) -> str:
    """A UUIDv7 for a lead received at `now` (ns since the epoch)."""
    return uuid7(now // 1_000_000, os.urandom(10))
