"""E-mail addresses by their grammar; whether a mailbox exists only a letter can tell.

The normal form has no white space around it and the domain in small letters; the user keeps its case,
which only the receiving server may ignore (LeadConduit lowers both: `{{lowercase email}}` does). Parts:
`user` and `domain`.

No library: email-validator asks the DNS or, without it, refuses domains that are fine in a test and
addresses that mail servers take.
"""

import re

from leadrelay.core.typed.cleaning import cleaned
from leadrelay.core.typed.forms import Invalid, Valid
from leadrelay.core.values import Typed

MAX_ADDRESS = 254  # characters, RFC 5321

_ATOM = r"[^\s@.,;:<>()\[\]\\\"\x00-\x1f\x7f]+"
_USER = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = r"[^\W_](?:(?:[^\W_]|-){0,61}[^\W_])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?:[^\W\d_]{{2,63}}|xn--[a-z0-9-]{{1,59}})")


def email(raw: str) -> Typed:
    """An e-mail address."""
    user, at, domain = cleaned(raw).rpartition("@")
    domain = domain.lower()
    if not at or len(user) > 64 or len(user) + len(domain) >= MAX_ADDRESS:
        return Invalid(raw)
    if _USER.fullmatch(user) is None or _DOMAIN.fullmatch(domain) is None:
        return Invalid(raw)
    return Valid(raw, f"{user}@{domain}", {"user": user, "domain": domain})
