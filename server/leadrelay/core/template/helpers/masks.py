"""`format` with a `#` mask: each `#` takes the next digit of the value (behaviour 3.2)."""

import re

from leadrelay.core.scope import Read, Scope
from leadrelay.core.values import Value, is_blank, text

_NO_DIGIT = re.compile(r"[^0-9]+")
_RUNS = re.compile(r"#+")
_EXTENDED = re.compile(r"([0-9]{10})x[0-9]+")


def masked(read: Read, mask: str, label: str) -> Read:
    """Digits poured into a mask; with too few or too many the value goes out as it is, and a warning.

    A leading `+1` is not counted when the rest fits: a North American number in its international
    form is the same number. Neither is an extension behind an `x`, as the normal form of a phone has it.
    """
    pattern, pieces, wanted = _plan(mask)
    warning = f"{label or 'the value'} does not have the {wanted} digits of the mask {mask}; sent as it is"

    def formatted(scope: Scope) -> Value:
        value = read(scope)
        if is_blank(value):
            return value
        printed = text(value)
        digits = printed if printed.isdigit() and printed.isascii() else _NO_DIGIT.sub("", printed)
        if len(digits) != wanted and (extended := _EXTENDED.fullmatch(printed)):
            digits = extended[1]
        if len(digits) != wanted:
            if len(digits) != wanted + 1 or not printed.lstrip().startswith("+1"):
                scope.warnings.append(warning)
                return value
            digits = digits[1:]
        return pattern % tuple([digits[piece] for piece in pieces])

    return formatted


def _plan(mask: str) -> tuple[str, list[slice], int]:
    """The mask as a pattern, which digits go into each gap of it, and how many digits in all."""
    pieces: list[slice] = []
    wanted = 0
    for run in _RUNS.finditer(mask):
        length = run.end() - run.start()
        pieces.append(slice(wanted, wanted + length))
        wanted += length
    return _RUNS.sub("%s", mask.replace("%", "%%")), pieces, wanted
