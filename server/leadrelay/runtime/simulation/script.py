"""What recipients answer in a simulation: the first line that fits, or one of several by lot.

Lots follow from the seed and from what is answered, and not from who asks first: the same seed gives
the same answers, whatever else happens in the same moment.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Final

from leadrelay.core.condition import Condition
from leadrelay.core.exchange import Reply
from leadrelay.core.lead import Lead
from leadrelay.core.scope import Scope

NOTHING: Final = Reply(status=200, headers=(("content-type", "application/json"),), body=b"{}")


class Fate(StrEnum):
    """What becomes of a request."""

    ANSWERED = "answered"
    REFUSED = "refused"  # nobody listens: it certainly did not arrive
    LOST = "lost"  # it arrived, and the connection broke before an answer
    SILENT = "silent"  # it arrived, and no answer ever comes


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One answer of a recipient, and when it gives it."""

    reply: Reply = NOTHING
    fate: Fate = Fate.ANSWERED
    after: float = 0.0  # seconds until it answers, at least
    until: float = 0.0  # and at most; below `after`: always `after`
    when: Condition | None = None  # about the lead
    share: float | None = None  # of several lines that fit and have one, the share of this one
    times: int | None = None  # how many requests it answers; None: any number


Answering = tuple[Line, float]  # with the seconds that it takes


class Script:
    """The lines of all recipients. One without any answers 200 and nothing."""

    def __init__(self, lines: Mapping[str, Sequence[Line]], seed: int = 0) -> None:
        self._lines, self._seed = lines, seed
        self._used: Counter[tuple[str, int]] = Counter()

    def answer(self, destination: str, lead: Lead | None, request: str) -> Answering:
        """What a recipient answers to a request, which `request` names among all of the run."""
        scope = Scope({}) if lead is None else Scope.of(lead)
        fitting = [
            (place, line)
            for place, line in enumerate(self._lines.get(destination, ()))
            if self._has_left(destination, place, line) and (line.when is None or line.when.holds(scope))
        ]
        if not fitting:
            return Line(), 0.0
        place, line = self._drawn(fitting, request)
        self._used[destination, place] += 1
        return line, self._takes(line, request)

    def _has_left(self, destination: str, place: int, line: Line) -> bool:
        return line.times is None or self._used[destination, place] < line.times

    def _drawn(self, fitting: list[tuple[int, Line]], request: str) -> tuple[int, Line]:
        """The first; where that has a share, one of all that have."""
        if fitting[0][1].share is None:
            return fitting[0]
        sharing = [(place, line, line.share) for place, line in fitting if line.share is not None]
        left = self._lot(request, "share") * sum(share for _, _, share in sharing)
        for place, line, share in sharing:
            left -= share
            if left < 0:
                return place, line
        return sharing[-1][:2]

    def _takes(self, line: Line, request: str) -> float:
        longer = max(0.0, line.until - line.after)
        return line.after + longer * self._lot(request, "after") if longer else line.after

    def _lot(self, *of: str) -> float:
        """In [0, 1)."""
        digest = blake2b("/".join((str(self._seed), *of)).encode(), digest_size=8).digest()
        return (int.from_bytes(digest) >> 11) / 2**53
