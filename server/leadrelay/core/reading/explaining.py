"""Why a rule of a reading did or did not match a reply, in words: for previews."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from leadrelay.core.outcome import Kind
from leadrelay.core.reading.content import Content, Unreadable
from leadrelay.core.reading.matching import TESTS, compile_match, subject_of
from leadrelay.core.reading.spec import Match
from leadrelay.core.values import text, to_json

MAX_SHOWN = 60  # characters of one value


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedRule:
    """How one rule fared with a reply."""

    number: int  # from 1; 0: what decides where no rule does
    kind: Kind
    matched: bool
    why: str


def told_of(matches: Sequence[Match], content: Content, namespaces: dict[str, str]) -> str:
    """What was found, and where that is not what was asked for, what that is."""
    if not matches:
        return "it asks for nothing, and so applies to every reply"
    held: list[str] = []
    for match in matches:
        try:
            holds = compile_match(match, namespaces)(content)
            found = _found(match, content, namespaces)
        except Unreadable as error:
            return f"it looks into the reply, but {error}"
        if not holds:
            return f"{found}, and was to be: {_asked(match)}"
        held.append(found)
    return "; ".join(dict.fromkeys(held))


def _found(match: Match, content: Content, namespaces: dict[str, str]) -> str:
    if match.status:
        return f"the status is {content.reply.status}"
    value = subject_of(match, namespaces)(content)
    subject = f"the header {match.header}" if match.header else match.path or "the body"
    return f"{subject} is not there" if value is None else f"{subject} is {_shown(value)}"


def _shown(value: object) -> str:
    written = " ".join((text(value) if isinstance(value, str) else to_json(value).decode()).split())
    cut = written if len(written) <= MAX_SHOWN else written[: MAX_SHOWN - 1] + "…"
    return json.dumps(cut, ensure_ascii=False) if isinstance(value, str) else cut


def _asked(match: Match) -> str:
    denied = "not " if match.negate else ""
    if match.status:
        return denied + match.status
    test = next((name for name in TESTS if getattr(match, name) is not None), None)
    if test is None:
        return f"{denied}there and not blank"
    if test == "exists":
        return "there" if bool(match.exists) is not match.negate else "not there"
    wanted = getattr(match, test)
    if test == "is_in":
        return f"{denied}in {', '.join(map(_shown, wanted))}"
    words = {"contains_word": "with the word", "contains": "with", "matches": "like", "equals": ""}
    return f"{denied}{words.get(test, test)} {_shown(wanted)}".replace("  ", " ").strip()
