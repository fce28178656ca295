"""What every reading can do, however it is written down."""

from typing import Protocol

from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import Outcome
from leadrelay.core.reading.explaining import TriedRule
from leadrelay.core.values import Problem


class Reading(Protocol):
    """From a reply to an outcome."""

    @property
    def warnings(self) -> tuple[Problem, ...]: ...

    def read(self, reply: Reply) -> Outcome:
        """What the reply means. Never raises."""

    def explain(self, reply: Reply) -> tuple[TriedRule, ...]:
        """How each rule fared with the reply, for people. Never raises."""
