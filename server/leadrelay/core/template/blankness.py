"""Whether a template can come to nothing, for the warning about a default that is never used.

Only what is certain counts: a helper may return nothing, and so may any name.
"""

from leadrelay.core.template import NULLARY
from leadrelay.core.template.parser import parse_template
from leadrelay.core.template.registry import HELPERS
from leadrelay.core.template.syntax import (
    Both,
    Call,
    Check,
    Choice,
    Compare,
    Joined,
    Literal,
    Node,
    Not,
    Print,
)
from leadrelay.core.values import is_blank

_ANY_IS_ENOUGH = ("default", "concat")  # helpers that print something if one of their values does


def is_never_blank(source: str) -> bool:
    """Whether a template gives something for every lead. Raises TemplateError."""
    if "{{" not in source:
        return not is_blank(source)
    return _is_never_blank(parse_template(source, HELPERS, NULLARY))


def _is_never_blank(node: Node) -> bool:
    match node:
        case Literal(value):
            return not is_blank(value)
        case Print(value):
            return _is_never_blank(value)
        case Joined(parts):
            return any(map(_is_never_blank, parts))
        case Choice(branches, otherwise):
            return all(_is_never_blank(then) for _, then in branches) and _is_never_blank(otherwise)
        case Call(name, arguments) if name in _ANY_IS_ENOUGH:
            return any(map(_is_never_blank, arguments))
        case Compare() | Check() | Not() | Both():
            return True  # false is a value
        case _:
            return False
