"""What a condition expects paths to be, word for word: `crm.outcome == "success"` expects `success` of it.

Outcomes and reason codes are closed lists, so a catalog that waits for another word waits for ever.
"""

from collections.abc import Iterator

from leadrelay.core.template import HELPERS, NULLARY
from leadrelay.core.template.parser import parse_condition
from leadrelay.core.template.syntax import Check, Compare, Literal, Node, Path, below


def expected(source: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """The paths of a condition that compiles, each with a text that it is compared with."""
    for node in below(parse_condition(source, HELPERS, NULLARY)):
        match node:
            case Compare("==" | "!=", left, right):
                yield from _pair(left, right)
                yield from _pair(right, left)
            case Check("in", subject, against):
                for each in against:
                    yield from _pair(subject, each)


def _pair(subject: Node, against: Node) -> Iterator[tuple[tuple[str, ...], str]]:
    match subject, against:
        case Path(segments), Literal(str() as word):
            yield segments, word
