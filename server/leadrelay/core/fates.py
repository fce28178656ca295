"""What became of each rule of a mapping with one lead, for previews (behaviour 3.6).

The run that makes the payload writes it down on its way, so what a preview says is what was done.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Fate(StrEnum):
    """How a rule, or a field that is passed through, fared; the same names as in the protos."""

    # Sent.
    VALUE = "value"
    DEFAULT = "default"
    EMPTY = "empty"  # "" or null, as the rule's `empty` says
    PASSED = "passed"
    # Not sent.
    CONDITION_FALSE = "condition_false"
    BLANK = "blank"
    MISSING = "missing"  # blank and required
    OVERRULED = "overruled"  # a later rule for the same path won
    FAILED = "failed"  # it broke a limit
    WITHHELD = "withheld"  # a sensitive field, which is not passed through


@dataclass(slots=True)
class Notes:
    """Taken while a mapping is applied; rules by their index. One that is not here gave its value."""

    rules: dict[int, Fate] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)  # which limit was broken
    withheld: list[str] = field(default_factory=list)
