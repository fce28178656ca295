"""The first line of a postal address.

The normal form has single spaces and none around it; parts: `number`, the house number with its letter or
second half ("12-34", "221B", "123 1/2", "N6W23001"), and `name`, all that follows, with a flat or suite.
A line without a house number is not valid, a post office box too: nobody lives there. It goes out as it
came.
"""

import re

from leadrelay.core.typed.cleaning import MAX_TEXT
from leadrelay.core.typed.forms import Invalid, Valid
from leadrelay.core.values import Typed

_STREET = re.compile(
    r"(?P<number>[0-9]+[A-Z]?(?:[-/](?:[0-9]+[A-Z]?|[A-Z]))?(?: [0-9]/[0-9])?|[NSEW][0-9]+[NSEW][0-9]+)"
    r",? (?P<name>.*[^\W\d_].*)",
    re.IGNORECASE,
)


def street(raw: str) -> Typed:
    """A house number and a street."""
    line = " ".join(raw.split()) if len(raw) <= MAX_TEXT else ""
    found = _STREET.fullmatch(line)
    return Invalid(raw) if found is None else Valid(raw, line, found.groupdict())
