"""Which endpoint of a destination is tried first, by what became of those who tried before (behaviour 4.6).

One that could not be reached is put last for a while. When that is over, one lead finds out whether it is
there again, and all others go on as before until it has told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

REST = 30.0  # seconds for which an endpoint that could not be reached is put last


@dataclass(frozen=True, slots=True)
class Health:
    """Endpoints by their places in the catalog, the primary being 0. Times are seconds on one clock."""

    ailing: Mapping[int, float] = field(default_factory=dict)  # and when each is worth another look

    def turn(self, count: int, now: float) -> "tuple[tuple[int, ...], Health]":
        """The order for one lead, and what is known after it was given."""
        if not self.ailing:
            return tuple(range(count)), self
        due = [place for place, moment in self.ailing.items() if moment <= now][:1]
        put_last = [place for place in sorted(self.ailing, key=self.ailing.__getitem__) if place not in due]
        first = [place for place in range(count) if place not in put_last]
        return (*first, *put_last), Health({**self.ailing, **dict.fromkeys(due, now + REST)})

    def failed(self, place: int, now: float) -> "Health":
        """It could not be reached."""
        return Health({**self.ailing, place: now + REST})

    def reached(self, place: int) -> "Health":
        if place not in self.ailing:
            return self
        return Health({other: moment for other, moment in self.ailing.items() if other != place})
