"""Social security numbers. Sensitive: masked wherever anything is recorded (behaviour 9).

The normal form is nine digits, which masks such as `###-##-####` count; parts, as LeadConduit names them:
`first_three`, `middle_two` and `last_four`. Numbers that are never given out are not valid: those with an
area of 000, 666 or from 900, a group of 00 or a serial of 0000.
"""

import re

from leadrelay.core.typed.cleaning import cleaned
from leadrelay.core.typed.forms import Invalid, Valid
from leadrelay.core.values import Typed

_SSN = re.compile(r"((?!000|666)[0-8]\d\d)([-. ]?)((?!00)\d\d)\2((?!0000)\d{4})", re.ASCII)


def ssn(raw: str) -> Typed:
    """A social security number."""
    found = _SSN.fullmatch(cleaned(raw))
    if found is None:
        return Invalid(raw)
    first, _, middle, last = found.groups()
    parts = {"first_three": first, "middle_two": middle, "last_four": last}
    return Valid(raw, first + middle + last, parts)
