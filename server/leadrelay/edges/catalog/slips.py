"""Names that lead nowhere and look like others that do: warnings, for a lead may carry data of any name.

What is misspelt in a mapping is null for every lead, and nobody notices before a recipient does.
"""

import re
from collections.abc import Collection, Iterable

from leadrelay.core.scope import MEMBERS, OF_OUTCOME, OWN_WORDS, field_of
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.problems import did_you_mean, listed, named, nearest

MOST_COMPARED = 1_000_000  # pairs of names; more are some thousand fields to some hundred recipients
_NOTHING_ALONE = frozenset({"lead", "submission", "delivery", "bid"})
_NEAR = 0.8  # how like a known name another must be to be taken for a slip
_NUMBERED = re.compile(r"_\d+$")

Asked = tuple[str, ...]  # a path as a template has it, by segments


def warn_of_slips(context: Context) -> None:
    """Note a warning for every name that is read somewhere and probably was not meant."""
    slips = _Slips(context)
    for path, asked in context.asked_at.items():
        against = context.against_at[path]
        for each in sorted(asked):
            is_text = len(each) == 1 and each[0] in against
            for words in slips.of(each, is_text=is_text):
                context.findings.warning(path, words)


class _Slips:
    """What is said of each name. Large catalogs read the same ones again and again."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._fields = {"id", *context.fields}
        self._known = {*context.fields, *context.destinations, *OWN_WORDS}
        self._heads = OWN_WORDS.union(name.split(".", 1)[0] for name in context.destinations)
        self._compared = MOST_COMPARED // len(self._known)  # how many names may still be
        self._told: dict[tuple[Asked, bool], tuple[str, ...]] = {}

    def of(self, asked: Asked, *, is_text: bool) -> tuple[str, ...]:
        """`is_text` where it may be a text that lacks its quotes: `state == CA` compares two fields."""
        if (asked, is_text) not in self._told:
            words = (self._slip(asked, is_text=is_text), no_member(self._context, asked))
            self._told[asked, is_text] = tuple(filter(None, words))
        return self._told[asked, is_text]

    def _slip(self, asked: Asked, *, is_text: bool) -> str:
        head, name = asked[0], field_of(asked)
        if name in self._context.fields or asked == ("lead", "id"):
            return ""
        if (head in self._heads and head != "lead") or not self._compared:
            return ""
        self._compared -= 1
        meant = _meant(name, self._fields if head == "lead" else self._known)
        if meant is None and not is_text:
            return ""
        quotes = f"; {in_quotes(name)}" if is_text else ""
        if meant is None:
            return f"no field is declared that is called {named(name)}{quotes}"
        slip = f"{named(name)} looks like a slip of {named(meant)}"
        return f"{slip}; if it is none, declare it under `fields`{quotes}"


def in_quotes(name: str) -> str:
    """For what something is compared with and is no known field."""
    return f'a text stands in quotes: "{named(name)[1:-1]}"'


def _meant(name: str, known: Iterable[str]) -> str | None:
    """The known name of which another is a slip; `phone_7` and `net_monthly_income` are none."""
    meant = nearest(name, known, cutoff=_NEAR)
    if meant is None or (_NUMBERED.search(name) and _NUMBERED.sub("", name) == _NUMBERED.sub("", meant)):
        return None
    is_longer_form = set(meant.split("_")) < set(name.split("_"))
    return None if is_longer_form else meant


def no_member(context: Context, asked: Asked) -> str:
    """Why a path that begins with one of our own words, or with a destination, leads nowhere; else empty."""
    head, rest = asked[0], ".".join(asked[1:])
    if head in context.fields or (not rest and head not in _NOTHING_ALONE):
        return ""
    remedy = f"If leads carry it, declare it: `fields: [{{name: {head}}}]`"
    if not rest:
        has = listed(sorted(MEMBERS[head])) if head in MEMBERS else "`lead.email` and the like"
        return f"{named(head)} alone is nothing; there are: {has}. {remedy}"
    if head in MEMBERS:
        return "" if rest in MEMBERS[head] else f"{_lacks(head, rest, MEMBERS[head])} {remedy}"
    destination = destination_in(context, asked[1:] if head == "appended" else asked)
    if destination is not None:
        below = ".".join(asked).removeprefix("appended.").removeprefix(destination)
        return _not_kept(context, destination, below.removeprefix("."))
    if head != "appended" or context.findings.is_torn:  # it may stand in what could not be read
        return ""
    words = _sentence(f"no destination is called {named(asked[1])}", asked[1], context.destinations)
    return f"{words} {remedy}"


def destination_in(context: Context, asked: Asked) -> str | None:
    """Whose answer a path leads into; its name may have dots, and the longest wins."""
    prefixes = (".".join(asked[:end]) for end in range(len(asked), 0, -1))
    return next((name for name in prefixes if name in context.destinations), None)


def _not_kept(context: Context, destination: str, member: str) -> str:
    """Where a reading captures parts of a reply, nothing else of it is known later."""
    captured = context.captured.get(destination)
    if not captured or not member or member in OF_OUTCOME:
        return ""
    is_kept = any(f"{member}.".startswith(f"{name}.") for name in captured)
    if is_kept:
        return ""
    words = _lacks(destination, member, captured | OF_OUTCOME)
    return f"{words} What its reading is to keep stands in `capture`"


def _lacks(whole: str, member: str, members: Collection[str]) -> str:
    return _sentence(f"{named(whole)} has no {named(member)}", member, members)


def _sentence(words: str, name: str, known: Collection[str]) -> str:
    if not known:
        return f"{words}: it is a value of its own."
    hint = did_you_mean(name, known, otherwise="there are")
    return f"{words}{hint}" if hint.endswith("?") else f"{words}{hint}."
