"""Whether one condition holds whenever another does, as far as that can be seen without a lead.

It is for warnings: what is not seen is no claim. Seen are conditions that read nothing, equal ones, and
comparisons of one path with numbers, alone or joined by `and`.
"""

from collections.abc import Iterator
from decimal import Decimal

from leadrelay.core.template import HELPERS, NULLARY
from leadrelay.core.template.parser import parse_condition
from leadrelay.core.template.syntax import Both, Call, Compare, Literal, Node, Path, below

Number = int | float | Decimal
_TURNED = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "==": "=="}


def implies(narrow: str, wide: str) -> bool:
    """Whether `wide` surely holds for every lead for which `narrow` does. Both compile."""
    one, other = _parsed(narrow), _parsed(wide)
    return all(any(_covers(part, wanted) for part in _parts(one)) for wanted in _parts(other))


def reads_nothing(source: str) -> bool:
    """Whether a condition comes to the same for every lead at any time."""
    return not any(isinstance(node, Path | Call) for node in below(_parsed(source)))


def _parsed(source: str) -> Node:
    return parse_condition(source, HELPERS, NULLARY)


def _parts(node: Node) -> tuple[Node, ...]:
    """What has to hold all together."""
    if isinstance(node, Both) and node.operator == "and":
        return tuple(part for each in node.parts for part in _parts(each))
    return (node,)


def _covers(narrow: Node, wide: Node) -> bool:
    one, other = _bound(narrow), _bound(wide)
    if one is None or other is None or one[0] != other[0]:
        return _plain(narrow) == _plain(wide)
    _, operator, value = one
    _, wanted, limit = other
    match wanted:
        case "==":
            return operator == "==" and value == limit
        case ">" | ">=":
            if operator not in ("==", ">", ">="):
                return False
            return value > limit or (value == limit and (wanted == ">=" or operator == ">"))
        case _:
            if operator not in ("==", "<", "<="):
                return False
            return value < limit or (value == limit and (wanted == "<=" or operator == "<"))


def _bound(node: Node) -> tuple[str, str, Number] | None:
    """A path compared with a number: the path, the operator, and the number."""
    if not isinstance(node, Compare) or node.operator not in _TURNED:
        return None
    match node.left, node.right:
        case Path() as path, Literal(value=int() | float() | Decimal() as number):
            return path.label, node.operator, number
        case Literal(value=int() | float() | Decimal() as number), Path() as path:
            return path.label, _TURNED[node.operator], number
    return None


def _plain(node: Node) -> str:
    """The tree without places, to be compared."""
    return " ".join(_words(node))


def _words(node: object) -> Iterator[str]:
    if isinstance(node, tuple):
        for each in node:
            yield from _words(each)
    elif hasattr(node, "__dataclass_fields__"):
        yield type(node).__name__
        for name in node.__dataclass_fields__:
            if name != "at":
                yield from _words(getattr(node, name))
    else:
        yield repr(node)
