"""One test of a reply, compiled (behaviour 6). Matching ignores case; a list passes if an item does."""

import re
from collections.abc import Callable, Mapping

from leadrelay.core.reading.charset import header_text
from leadrelay.core.reading.content import Content
from leadrelay.core.reading.folding import folded
from leadrelay.core.reading.jsonpath import BadPath
from leadrelay.core.reading.paths import NO_NAMESPACES, parse_path
from leadrelay.core.reading.spec import Match
from leadrelay.core.template.pattern import compile_pattern
from leadrelay.core.values import Value, is_blank, number, same, text

Holds = Callable[[Content], bool]
Subject = Callable[[Content], Value]
Asks = Callable[[Value], bool]

MAX_STATUS = 599


class BadMatch(Exception):
    """A match that cannot be carried out: which member, and why."""

    def __init__(self, part: str, message: str) -> None:
        super().__init__(message)
        self.part = part


def compile_match(match: Match, namespaces: Mapping[str, str] = NO_NAMESPACES) -> Holds:
    """The test. It raises Unreadable when it asks for a path in a body that does not parse."""
    holds = _status(match) if match.status else _other(match, namespaces)
    return (lambda content: not holds(content)) if match.negate else holds


def _status(match: Match) -> Holds:
    if _tests(match):
        raise BadMatch("status", "is a test of its own; give no other test beside it")
    ranges = ranges_of(match)

    def holds(content: Content) -> bool:
        status = content.reply.status
        return any(low <= status <= high for low, high in ranges)

    return holds


def ranges_of(match: Match) -> list[tuple[int, int]]:
    """The first and the last of each range of statuses. Raises BadMatch."""
    return [_range(part) for part in match.status.split(",")]


_STATUS = re.compile(
    r"\s*(?:(?P<hundred>[1-5])xx|(?P<low>[1-5][0-9]{2})(?:\s*-\s*(?P<high>[1-5][0-9]{2}))?)\s*"
)


def _range(part: str) -> tuple[int, int]:
    found = _STATUS.fullmatch(part.lower())
    if found is None:
        raise BadMatch(
            "status", f"`{part.strip()}` is no status; write 200, 200-299 or 2xx, and commas between"
        )
    if found["hundred"]:
        return int(found["hundred"]) * 100, int(found["hundred"]) * 100 + 99
    low = int(found["low"])
    high = int(found["high"] or low)
    if high < low:
        raise BadMatch("status", f"`{part.strip()}` ends before it begins")
    return low, high


def _other(match: Match, namespaces: Mapping[str, str]) -> Holds:
    subject, asks = subject_of(match, namespaces), _asks(match)
    if match.text and match.contains:
        term = folded(match.contains)
        return lambda content: term in content.folded
    return lambda content: asks(subject(content))


def subject_of(match: Match, namespaces: Mapping[str, str] = NO_NAMESPACES) -> Subject:
    """What a match other than of the status looks at."""
    given = [name for name in ("header", "path", "text") if getattr(match, name)]
    if len(given) != 1:
        raise BadMatch("subject", "expected exactly one of `status`, `header`, `path` and `text`")
    if match.header:
        return lambda content: _header(content, match.header.lower())
    if match.text:
        return lambda content: content.text
    try:
        path = parse_path(match.path, namespaces)
    except BadPath as error:
        raise BadMatch("path", str(error)) from error
    return lambda content: content.at(path)


def _header(content: Content, wanted: str) -> Value:
    """All values of a header, since some, such as Set-Cookie, come more than once."""
    found: list[Value] = [
        header_text(value) for name, value in content.reply.headers if name.lower() == wanted
    ]
    return found if len(found) > 1 else found[0] if found else None


TESTS = ("equals", "is_in", "contains_word", "contains", "matches", "exists", "greater", "less")


def _tests(match: Match) -> list[str]:
    return [name for name in TESTS if getattr(match, name) is not None]


def _asks(match: Match) -> Asks:
    tests = _tests(match)
    if len(tests) > 1:
        raise BadMatch(tests[1], f"expected one test but found {' and '.join(tests)}; use two matches")
    match tests:
        case []:
            return lambda value: not is_blank(value)
        case ["exists"]:
            wanted = bool(match.exists)
            return lambda value: (value is not None) is wanted
        case ["greater"] | ["less"]:
            return _bounded(match)
    return _of_items(_worded(match, tests[0]))


def _bounded(match: Match) -> Asks:
    limit = number(match.greater if match.greater is not None else match.less)
    if limit is None:
        raise BadMatch("greater" if match.less is None else "less", "is not a number")
    above = match.less is None

    def asks(value: Value) -> bool:
        amount = number(value)
        return amount is not None and (amount > limit if above else amount < limit)

    return _of_items(asks)


def _of_items(asks: Asks) -> Asks:
    def one_of(value: Value) -> bool:
        if isinstance(value, list):
            return any(asks(item) for item in value)
        return value is not None and asks(value)

    return one_of


def _worded(match: Match, test: str) -> Asks:
    if match.is_in is not None:
        if not match.is_in:
            raise BadMatch("in", "is empty; give at least one value")
        choices = tuple(map(_equal_to, match.is_in))
        return lambda value: any(is_equal(value) for is_equal in choices)
    term: str = getattr(match, test)
    if test == "equals":
        return _equal_to(term)
    if not term:
        raise BadMatch(test, "is empty; every reply would match")
    if test == "matches":
        return _pattern(term)
    sought = folded(term)
    if test == "contains":
        return lambda value: sought in folded(text(value))
    word = re.compile(rf"(?<!\w){re.escape(sought)}(?!\w)")
    return lambda value: word.search(folded(text(value))) is not None


def _equal_to(term: str) -> Asks:
    if number(term) is not None:
        return lambda value: same(value, term)
    sought = folded(term.strip())
    return lambda value: folded(value.strip()) == sought if type(value) is str else same(value, term)


def _pattern(pattern: str) -> Asks:
    try:
        search = compile_pattern(pattern, ignore_case=True).search
    except ValueError as error:
        raise BadMatch("matches", str(error)) from error
    return lambda value: search(text(value)) is not None
