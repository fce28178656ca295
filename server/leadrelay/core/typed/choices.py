"""Types that know all their words: `boolean` and `gender`. Case does not count."""

from leadrelay.core import values
from leadrelay.core.typed.cleaning import cleaned
from leadrelay.core.typed.forms import Invalid, Valid
from leadrelay.core.values import Typed


def boolean(raw: str) -> Typed:
    """true for y, yes, true, t and 1; false for n, no, false, f and 0. A boolean in JSON, not its word."""
    answer = values.boolean(cleaned(raw))
    return Invalid(raw) if answer is None else Valid(raw, answer)


_GENDERS = {
    word: (normal, {"abbr": normal[0].upper(), "abbreviation": normal[0].upper()})
    for normal in ("male", "female", "other")
    for word in (normal, normal[0])
}


def gender(raw: str) -> Typed:
    """`male`, `female` or `other`; recipients that want a letter take the part `abbr`: M, F or O.

    Other answers, such as "non-binary", go out as given: which of a recipient's words they come to is for
    its mapping to say.
    """
    known = _GENDERS.get(cleaned(raw).lower())
    return Invalid(raw) if known is None else Valid(raw, *known)
