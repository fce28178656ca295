"""Why a WSDL cannot be used, in words that say what to do."""

from difflib import get_close_matches

from leadrelay.core.errors import NotSent


class BadWsdl(NotSent):
    """Nothing can be sent by this WSDL, or nothing yet."""


def choice(wanted: str, known: list[str]) -> str:
    """`; did you mean …?` where a known spelling is near, else what there is."""
    plain = {name.lower(): name for name in sorted(known)}
    close = get_close_matches(wanted.lower()[:100], plain, n=1)
    if close:
        return f"; did you mean `{plain[close[0]]}`?"
    if not known:
        return ""
    shown = ", ".join(f"`{name}`" for name in sorted(known)[:20])
    return f"; there are: {shown}" + (f" and {len(known) - 20} more" if len(known) > 20 else "")
