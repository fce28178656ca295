"""Types that take any text: `text` and `credential`. Only a blank one is not valid."""

from leadrelay.core.typed.forms import Invalid, Valid
from leadrelay.core.values import Typed


def text(raw: str) -> Typed:
    """Free text, without white space at its ends: forms and mobile keyboards add it, nobody means it."""
    normal = raw.strip()
    return Valid(raw, normal) if normal else Invalid(raw)


def credential(raw: str) -> Typed:
    """A password, key or account number: never changed, since every character may count."""
    return Valid(raw, raw) if raw and not raw.isspace() else Invalid(raw)
