"""Cuts a template into literal text and tags, and a tag or condition into tokens.

A block tag or comment that has a line for itself takes the line with it, so that a body can be laid out
for reading. In a string, `\\"` is a quote and every other backslash stands for itself, so that regular
expressions can be written as they are.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

from leadrelay.core.template.errors import error_at

OPEN, CLOSE = "{{", "}}"


class T(Enum):
    """Kinds of tokens."""

    TEXT = auto()  # literal text between tags
    OPEN = auto()  # {{ with its sign: "", "#", "/", "^"
    CLOSE = auto()
    NAME = auto()
    STRING = auto()
    NUMBER = auto()
    OPTION = auto()  # name=
    SIGN = auto()  # operators, brackets and commas
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    kind: T
    text: str
    at: int  # offset in the source

    def __str__(self) -> str:
        if self.kind is T.END:
            return "the end"
        return f"`{self.text}=`" if self.kind is T.OPTION else f"`{self.text}`"


_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<close>~?\}\})
    |(?P<string>"(?:\\"|[^"\\]|\\(?!"))*"|'(?:\\'|[^'\\]|\\(?!'))*')
    |(?P<number>-?[0-9]+(?:\.[0-9]+)?(?![\w.-]))
    |(?P<option>[A-Za-z_]\w*=(?!=))
    |(?P<name>(?:@|(?:\.\./)+)?(?:[^\W][\w-]*|\[[^\[\]\n,"']+\](?=[.\s}=!<>)]|\Z))(?:\.(?:[\w-]+|\[[^\[\]\n]+\]))*)
    |(?P<sign>==|!=|<=|>=|&&|\|\||<>|[<>=!()\[\],|])
    """,
    re.VERBOSE,
)
_KINDS = {
    "close": T.CLOSE,
    "string": T.STRING,
    "number": T.NUMBER,
    "option": T.OPTION,
    "name": T.NAME,
    "sign": T.SIGN,
}
_REST_OF_LINE = re.compile(r"[ \t]*\r?\n")
_NUMBER = "write digits with a point, no separators"
_DATE = re.compile(r"[0-9]+([.-])[0-9]+\1[0-9]+")
_DIGITS_ONLY = re.compile(r"[0-9][0-9_.-]*")


def expression_tokens(source: str) -> list[Token]:
    """The tokens of a bare expression, such as a condition."""
    tokens, at = _tokens(source, 0, until_close=False)
    tokens.append(Token(T.END, "", at))
    return tokens


def template_tokens(source: str) -> list[Token]:
    """The tokens of a template: texts, and tags as OPEN … CLOSE."""
    tokens: list[Token] = []
    at = braces = 0  # how many in the text so far wait for their end, as JSON round a tag has them
    while (found := source.find(OPEN, at)) >= 0:
        braces += source.count("{", at, found) - source.count("}", at, found)
        if found > 0 and source[found - 1] == "\\":  # an escaped `{{` is text
            _add_text(tokens, source[at : found - 1] + OPEN, at)
            braces += 2
            at = found + 2
            continue
        _add_text(tokens, source[at:found], at)
        first = len(tokens)
        at = _tag(source, found, tokens)
        if source.startswith("}", at) and braces <= 0 and source[at - 3 : at] != "}}}":
            message = "this tag ends with three braces but began with two; write two, or three on both sides"
            raise error_at(source, at, message)
        if _is_block_tag(tokens[first:]) and (end := _end_of_own_line(source, found, at)):
            _cut_indent(tokens, first - 1)
            at = end
    _add_text(tokens, source[at:], at)
    tokens.append(Token(T.END, "", len(source)))
    return tokens


def _is_block_tag(tag: list[Token]) -> bool:
    """Whether a tag prints nothing itself: `#`, `/`, `^`, `else` or a comment, which leaves no token."""
    return not tag or tag[0].text in ("#", "/", "^") or (tag[1].kind is T.NAME and tag[1].text == "else")


def _end_of_own_line(source: str, start: int, end: int) -> int:
    """Where the line ends that has nothing but this tag; 0 if there is more on it."""
    indent = source[source.rfind("\n", 0, start) + 1 : start]
    rest = _REST_OF_LINE.match(source, end)
    return rest.end() if rest and not indent.strip(" \t") else 0


def _cut_indent(tokens: list[Token], last: int) -> None:
    """Take away the white space before a tag that has its line for itself."""
    if last >= 0 and tokens[last].kind is T.TEXT:
        tokens[last] = Token(T.TEXT, tokens[last].text.rstrip(" \t"), tokens[last].at)


def _add_text(tokens: list[Token], text: str, at: int) -> None:
    if tokens and tokens[-1].kind is T.CLOSE and tokens[-1].text.startswith("~"):
        text = text.lstrip()
    if text:
        tokens.append(Token(T.TEXT, text, at))


def _tag(source: str, start: int, tokens: list[Token]) -> int:
    at = start + 2
    is_triple = source.startswith("{", at)  # which means the same: nothing is ever escaped
    at += is_triple
    if source.startswith("~", at):
        at += 1
        if tokens and tokens[-1].kind is T.TEXT:
            tokens[-1] = Token(T.TEXT, tokens[-1].text.rstrip(), tokens[-1].at)
    if source.startswith("!", at):
        return _comment(source, start, at)
    sign = source[at : at + 1]
    if sign == ">":
        raise error_at(source, at, "partials are not supported; write the template out")
    sign = sign if sign and sign in "#/^&" else ""
    tokens.append(Token(T.OPEN, "" if sign == "&" else sign, start))
    inside, end = _tokens(source, at + len(sign), until_close=True, opened=start)
    tokens.extend(inside)
    if is_triple and not source.startswith("}", end):
        raise error_at(source, end, "this tag began with `{{{`; expected `}}}`")
    return end + is_triple


def _comment(source: str, start: int, at: int) -> int:
    closing = "--}}" if source.startswith("!--", at) else CLOSE
    end = source.find(closing, at)
    if end < 0:
        raise error_at(source, start, f"this comment is not closed; expected `{closing}`")
    return end + len(closing)


def _tokens(source: str, at: int, *, until_close: bool, opened: int = 0) -> tuple[list[Token], int]:
    tokens: list[Token] = []
    while at < len(source):
        if source[at] == "[" and tokens and tokens[-1] == Token(T.NAME, "in", tokens[-1].at):
            tokens.append(Token(T.SIGN, "[", at))  # a list; elsewhere brackets hold a segment of a path
            at += 1
            continue
        found = _TOKEN.match(source, at)
        if found is None:
            raise error_at(source, at, _unreadable(source, at, is_condition=not until_close))
        start, at = at, found.end()
        group = found.lastgroup or ""
        if group == "space":
            continue
        token = _token(source, _KINDS[group], found.group(), start)
        if token.kind is T.CLOSE and not until_close:
            raise error_at(source, start, "a condition is written without braces; unexpected `}}`")
        tokens.append(token)
        if token.kind is T.CLOSE:
            return tokens, at
    if until_close:
        raise error_at(source, opened, "this tag is not closed; expected `}}`")
    return tokens, at


def _token(source: str, kind: T, text: str, at: int) -> Token:
    if kind is T.STRING:
        quote = text[0]
        return Token(kind, text[1:-1].replace("\\" + quote, quote), at)
    if kind is T.NAME and _DIGITS_ONLY.fullmatch(text):
        how = f'write a date in quotes: "{text}"' if _DATE.fullmatch(text) else _NUMBER
        raise error_at(source, at, f"`{text}` is not a number; {how}")
    return Token(kind, text[:-1] if kind is T.OPTION else text, at)


def _unreadable(source: str, at: int, *, is_condition: bool) -> str:
    match source[at]:
        case '"' | "'":
            return "this text is not closed; expected a closing quote"
        case "{" if is_condition:
            return "a condition is written without braces; unexpected `{`"
        case "\u201c" | "\u201d" | "\u201e" | "\u2018" | "\u2019":
            return f"`{source[at]}` is no quote here; write \" or '"
        case "$":
            return "unexpected character `$`; write an amount as a plain number, such as 50000"
    return f"unexpected character `{source[at]}`"
