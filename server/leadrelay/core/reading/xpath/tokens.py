"""The words of an XPath expression."""

import re
from dataclasses import dataclass
from enum import Enum, auto

MAX_EXPRESSION = 1000  # characters
MAX_OPERATORS = 100  # each is evaluated inside the next


class BadXPath(Exception):
    """No expression that is understood; says why."""


class Is(Enum):
    LITERAL = auto()
    NUMBER = auto()
    OPERATOR = auto()  # between two operands
    SIGN = auto()  # everything else that is no name
    NAME = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    kind: Is
    text: str
    at: int


_NAME = r"[^\W\d][\w.-]*"
_TOKEN = re.compile(
    rf"""\s*(?:
    (?P<LITERAL>"[^"]*"|'[^']*')
  | (?P<NUMBER>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
  | (?P<NAME>{_NAME}(?::(?!:)(?:{_NAME}|\*))?)
  | (?P<SIGN>::|//|\.\.|!=|<=|>=|[/.@()\[\],|=<>*+-])
    )""",
    re.VERBOSE,
)
_WORDS = frozenset({"and", "or", "div", "mod"})
_BETWEEN = frozenset({"=", "!=", "<", "<=", ">", ">=", "|", "+", "-", "*"})
_OPENS = frozenset(
    {"(", "[", ",", "/", "//", "@", "::"}
)  # behind these, and behind operators, an operand begins


def tokens_of(expression: str) -> list[Token]:
    """All of them, with one for the end. Raises BadXPath."""
    if len(expression) > MAX_EXPRESSION:
        raise BadXPath(f"an XPath may have {MAX_EXPRESSION} characters")
    tokens: list[Token] = []
    at, text = 0, expression.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise cannot_read(expression, at)
        name = found.lastgroup or ""
        tokens.append(_token(Is[name], found[name], found.start(name), tokens))
        at = found.end()
    if sum(token.kind is Is.OPERATOR for token in tokens) > MAX_OPERATORS:
        raise BadXPath(f"an XPath may have {MAX_OPERATORS} operators")
    return [*tokens, Token(Is.END, "", len(text))]


def cannot_read(expression: str, at: int) -> BadXPath:
    rest = expression[at : at + 16].strip()
    return BadXPath(f"cannot read `{expression}` from `{rest}` on" if rest else f"`{expression}` breaks off")


def _token(kind: Is, text: str, at: int, before: list[Token]) -> Token:
    """`*` and words such as `and` are operators where an operand stands before them (XPath 1.0, 3.7)."""
    last = before[-1] if before else None
    may_be = last is not None and last.kind is not Is.OPERATOR and last.text not in _OPENS
    if (kind is Is.NAME and text in _WORDS and may_be) or (kind is Is.SIGN and text in _BETWEEN and may_be):
        kind = Is.OPERATOR
    return Token(kind, text, at)
