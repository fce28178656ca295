"""Helpers that look for a text or a regular expression. Expressions take linear time (RE2)."""

import re
from dataclasses import dataclass
from typing import Any

from leadrelay.core.scope import Read, Scope
from leadrelay.core.template.errors import checked_size
from leadrelay.core.template.pattern import Expression, compile_pattern
from leadrelay.core.template.registry import Argument, BadCall, Call, prepared
from leadrelay.core.values import Value, text

_WRITTEN = re.compile(r"regexp\((.*)\)", re.DOTALL)
_BEGUN = ("regexp(", "regex(", "regExp(", "RegExp(")
_REFERENCE = re.compile(r"\$(?:([0-9]{1,2})|(&)|(\$))")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled regular expression, as an argument to another helper."""

    source: str
    compiled: Expression

    def __str__(self) -> str:
        return self.source


@prepared(
    ('{{replace "a1b22" (regexp "[0-9]+") "#"}}', "a#b#"),
    ('{{replace "Ann ANN" regexp("ann", "i") "x"}}', "x x"),
    name="regexp",
    takes=(1, 2),
)
def regexp(call: Call) -> Read:
    """A regular expression for `replace` and `extract`; `"i"` as a second argument ignores case.

    The syntax is RE2's, that of Go: no look-around and no back-references, and in return no text takes
    long. Backslashes are written once: `"\\d+"`.
    """
    if not all(argument.constant for argument in call.arguments):
        raise BadCall("expected a regular expression in quotes")
    source, *flags = (text(argument.value) for argument in call.arguments)
    pattern = _compiled(source, "".join(flags))

    def read(_: Scope) -> Value:
        return pattern

    return read


def _compiled(source: str, flags: str = "") -> Pattern:
    if set(flags) - set("gi"):
        raise BadCall(f'there are no flags `{flags}`; "i" ignores case')
    try:
        return Pattern(source, compile_pattern(source, ignore_case="i" in flags))
    except ValueError as error:
        raise BadCall(str(error)) from error


def _looked_for(argument: Argument) -> Read:
    """The argument, with an expression written as the text `regexp(...)` compiled."""
    written = _WRITTEN.fullmatch(argument.value) if isinstance(argument.value, str) else None
    if written is None:
        if isinstance(argument.value, str) and argument.value.startswith(_BEGUN):
            raise BadCall(
                f"`{argument.value[:40]}` is no expression; write `regexp(…)`, with a bracket at its end"
            )
        return argument.read
    pattern = _compiled(written[1])

    def read(_: Scope) -> Value:
        return pattern

    return read


@prepared(
    ('{{replace "512-555-0123" "-" "."}}', "512.555.0123"),
    ('{{replace "(512) 555-0123" (regexp "[^0-9]+")}}', "5125550123"),
    ('{{replace "Lee, Ann" "regexp(([a-zA-Z]+), ([a-zA-Z]+))" "$2 $1"}}', "Ann Lee"),
    name="replace",
    takes=(2, 3),
)
def replace(call: Call) -> Read:
    """Every occurrence of a text, or of a regular expression, replaced by another text or by nothing.

    An expression is written `(regexp "…")`, or within one text `"regexp(…)"`. In the new text `$1` is its
    first group, `$&` all that was found and `$$` a dollar sign. Case counts.
    """
    value, wanted = call.arguments[0].read, _looked_for(call.arguments[1])
    instead = call.arguments[2].read if len(call.arguments) > 2 else None

    def read(scope: Scope) -> Value:
        found, new = wanted(scope), text(instead(scope)) if instead else ""
        printed = text(value(scope))
        if isinstance(found, Pattern):
            return _substituted(found.compiled, printed, new)
        old = text(found)
        if not old:
            return printed
        checked_size(len(printed) + printed.count(old) * len(new))
        return printed.replace(old, new)

    return read


def _substituted(compiled: Expression, printed: str, new: str) -> str:
    parts: list[str] = []
    at = size = 0
    for hit in compiled.finditer(printed):
        parts += printed[at : hit.start()], _expanded(hit, new)
        size += len(parts[-1]) + len(parts[-2])
        checked_size(size)
        at = hit.end()
    return "".join([*parts, printed[at:]])


def _expanded(hit: Any, new: str) -> str:
    """The replacement with `$1`, `$&` and `$$` filled in; a group that is not there stays as written."""
    if "$" not in new:
        return new
    groups = hit.groups("")

    def fill(reference: re.Match[str]) -> str:
        place, whole, dollar = reference.groups()
        if dollar:
            return "$"
        if whole:
            return str(hit.group(0))
        return groups[int(place) - 1] if 1 <= int(place) <= len(groups) else reference.group()

    checked_size(len(new) + new.count("$") * len(hit.group(0)))
    return _REFERENCE.sub(fill, new)


@prepared(
    ('{{extract "order 123 of 456" "[0-9]+"}}', "123 456"),
    ('{{extract "ann@example.com" (regexp "@(.+)")}}', "example.com"),
    name="extract",
    takes=(2, 2),
)
def extract(call: Call) -> Read:
    """What a regular expression finds: its first group if it has one, else all hits with spaces between.

    Where it finds nothing the result is null.
    """
    value, pattern = call.arguments[0].read, call.arguments[1]
    fixed = _compiled(pattern.value) if isinstance(pattern.value, str) else None
    wanted = _looked_for(pattern)
    if pattern.constant and fixed is None:
        raise BadCall("expected a regular expression in quotes")

    def read(scope: Scope) -> Value:
        found = wanted(scope)
        expression = found if isinstance(found, Pattern) else fixed
        return _extracted(expression.compiled, text(value(scope))) if expression else None

    return read


def _extracted(compiled: Expression, printed: str) -> Value:
    if compiled.groups:
        hit = compiled.search(printed)
        return hit.group(1) if hit else None
    return " ".join(hit.group(0) for hit in compiled.finditer(printed)) or None
