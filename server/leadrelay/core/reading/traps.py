"""Terms that are part of their own opposite: "success" is also in "unsuccessful" (behaviour 6)."""

import re

from leadrelay.core.template.pattern import Expression

# Words that say no, in which a word that says yes is found.
OPPOSITES = tuple(
    word
    for line in (
        "unsuccessful|unsuccess|not successful|not a success|no success|without success",
        "invalid|not valid",
        "unaccepted|not accepted|unacceptable|not acceptable|notaccepted",
        "disapproved|unapproved|not approved|notapproved",
        "unqualified|disqualified|nonqualified|not qualified|non-qualified|notqualified",
        "unsold|not sold|notsold",
        "untrue|not true",
        "unmatched|not matched|no match|mismatch|mismatched",
        "incomplete|not completed|uncompleted|not complete",
        "unavailable|inactive|ineligible|not eligible|unauthorized|unverified|not verified|unconfirmed",
        "incorrect|unpaid|not paid|unsent|not sent|dissatisfied|unsupported|undelivered|not delivered",
        "unprocessed|not processed|disallowed|not allowed|disabled|unregistered|unreceived|not received",
        "unable|no error|no errors",
        "not ok|nok|notok|not okay|not passed|not purchased|unpurchased|not queued|not created|not added",
        "not found|not inserted|not saved|not posted|not good|no bid|not interested|not available",
    )
    for word in line.split("|")
)
LEAST = 2  # characters of a term that is about a word


def trap_of(term: str) -> str:
    """What is likely to surprise in searching for a term; empty where nothing is."""
    sought = " ".join(term.lower().split())
    if len(sought) < LEAST or sought in OPPOSITES:
        return ""
    opposite = next((word for word in OPPOSITES if sought in word), None)
    if opposite is None:
        return ""
    if f" {sought} " in f" {opposite} ":
        return f"`{sought}` is also part of `{opposite}`; `equals` tells the two apart"
    return f"`{sought}` is also part of `{opposite}`; `contains_word` or `equals` tells the two apart"


def trap_in(expression: Expression, written: str) -> str:
    """The same of a regular expression that finds a yes within a no."""
    if expression.search("") is not None or expression.search("zqzq") is not None:
        return ""  # it finds anything, and is not about a word
    bare = written.lower()
    for word in OPPOSITES:
        found = expression.search(word)
        if found is None or found.group(0).lower() == word or word in bare:
            continue
        if len(found.group(0)) >= LEAST and _WORDS.fullmatch(found.group(0)):
            return f"`{written.strip()}` also finds `{word}`; bounds such as \\b, ^ or $ tell the two apart"
    return ""


_WORDS = re.compile(r"[\w ]+")
