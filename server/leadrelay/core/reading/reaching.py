"""Rules of a reading that can never decide anything (behaviour 6: the first that matches decides)."""

from collections.abc import Sequence

from leadrelay.core.reading.folding import folded
from leadrelay.core.reading.matching import TESTS, ranges_of
from leadrelay.core.reading.spec import Match, ReadingRule
from leadrelay.core.values import is_blank, same


def decided_before(rules: Sequence[ReadingRule], index: int) -> int | None:
    """The place of an earlier rule that matches every reply that this one matches; None where there is none.

    A rule without any match is left out: it matches everything, which is told of itself.
    """
    for earlier in range(index):
        tests = rules[earlier].match
        if tests and all(any(_covers(one, other) for other in rules[index].match) for one in tests):
            return earlier
    return None


def contradicts_itself(rule: ReadingRule) -> bool:
    """Whether two of its tests can never hold together: of a status, since a body may say everything."""
    statuses = [ranges_of(match) for match in rule.match if match.status and not match.negate]
    return any(
        not any(low <= top and bottom <= high for low, high in one for bottom, top in other)
        for place, one in enumerate(statuses)
        for other in statuses[:place]
    )


def _covers_status(wide: Match, narrow: Match) -> bool:
    known = ranges_of(wide)
    return all(any(low <= bottom and top <= high for low, high in known) for bottom, top in ranges_of(narrow))


def _covers(wide: Match, narrow: Match) -> bool:
    """Whether the one holds for every reply for which the other does."""
    if wide == narrow:
        return True
    if wide.negate or narrow.negate:
        return False
    if wide.status and narrow.status:
        return _covers_status(wide, narrow)
    is_of_one = (wide.header.lower(), wide.path, wide.text) == (
        narrow.header.lower(),
        narrow.path,
        narrow.text,
    )
    return is_of_one and not wide.status and not narrow.status and _asks_less(wide, narrow)


def _asks_less(wide: Match, narrow: Match) -> bool:
    words = _words(narrow)
    if wide.exists or not any(getattr(wide, test) is not None for test in TESTS):
        return words is not None and not any(is_blank(each) for each in words)
    if words is None:
        return False
    if wide.contains is not None:
        return all(folded(wide.contains) in folded(each) for each in words)
    accepted = (wide.equals,) if wide.equals is not None else wide.is_in
    if accepted is None or (narrow.equals is None and narrow.is_in is None):
        return False
    return all(any(same(each, word) for word in accepted) for each in words)


def _words(match: Match) -> tuple[str, ...] | None:
    """What a value that passes has in it, one of them; None where that is not said in words."""
    for given in (match.equals, match.contains_word, match.contains):
        if given is not None:
            return (given,)
    return match.is_in or None
