"""Why an outlet takes no lead now: a value that the delivery turns into a skip, a wait or a parking."""

from dataclasses import dataclass
from enum import StrEnum

from leadrelay.core.outcome import ReasonCode


class WhenFull(StrEnum):
    """What becomes of a lead whose destination takes none now (behaviour 7)."""

    SKIP = "skip"
    WAIT = "wait"  # up to `total`
    PARK = "park"  # until it opens


@dataclass(frozen=True, slots=True, kw_only=True)
class Full:
    code: ReasonCode  # cap_full, closed or breaker_open
    words: str
    opens_at: int | None = None  # ns since the epoch, at the latest; None: nobody can say
    may_open_sooner: bool = False  # by the answer to a lead that is under way
    cap: str = ""  # the key of the cap that is full
    is_brief: bool = False  # one answer that is under way ends it, so it is waited for in any case
