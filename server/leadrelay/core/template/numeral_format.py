"""Numbers in the shape of numeral.js patterns: `0,0.00`, `$0,0`, `0.[00]%`, `0o`, `(0,0)`, `0.0a`, `00000`.

0      digits; as many zeros as a whole number is to have at least        00000
0,0    groups of thousands
.00    so many decimals; in brackets they are optional                    0.[00]  0.0[00]  0[.]00
$      a dollar sign, where it stands; () brackets round a negative number; + a sign for both
%      times a hundred; a thousands, millions, … as k m b t; o with 1st 2nd 3rd
"""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from leadrelay.core.template.moment_format import ordinal

_PATTERN = re.compile(
    r"(?P<before>[(+$\s-]*)(?P<whole>0*)(?P<groups>,0+)?"
    r"(?:(?P<maybe>\[\.\])(?P<cents>0+)|\.(?P<fixed>0*)(?:\[(?P<optional>0+)\])?)?"
    r"(?P<after>(?:\s?[%ao])?[)+$\s-]*)"
)
_SCALES = ((Decimal(10**12), "t"), (Decimal(10**9), "b"), (Decimal(10**6), "m"), (Decimal(10**3), "k"))
_EXACT = Context(prec=100, rounding=ROUND_HALF_UP)


class BadNumeral(Exception):
    """No pattern for numbers."""


def compile_numeral(pattern: str) -> Callable[[int | Decimal], str]:
    """What writes a number in this shape. Raises BadNumeral."""
    found = _PATTERN.fullmatch(pattern.strip())
    if found is None or "0" not in pattern or len(pattern) > 64:
        raise BadNumeral(f"cannot read `{pattern}` as a pattern for numbers, such as `$0,0.00`")
    return _Numeral(found.groupdict("")).write


class _Numeral:
    def __init__(self, parts: dict[str, str]) -> None:
        self._before, self._after = parts["before"], parts["after"]
        self._width = len(parts["whole"])
        self._groups = bool(parts["groups"])
        self._drops_zero_cents = bool(parts["maybe"])
        fixed = parts["fixed"] or parts["cents"]
        self._least, self._most = len(fixed), len(fixed) + len(parts["optional"])
        self._brackets = "(" in self._before
        self._plus = "+" in self._before + self._after

    def write(self, number: int | Decimal) -> str:
        with localcontext(_EXACT):
            return self._write(Decimal(number))

    def _write(self, number: Decimal) -> str:
        amount, unit = self._scaled(number)
        digits = self._digits(abs(amount))
        is_negative = amount < 0 and any(digit in "123456789" for digit in digits)
        return self._signed(digits + unit, is_negative=is_negative)

    def _scaled(self, number: Decimal) -> tuple[Decimal, str]:
        """The number to print and what comes behind its digits."""
        space = " " if self._after[:1].isspace() else ""
        kind = self._after.strip()[:1]
        if kind == "%":
            return number * 100, space + "%"
        if kind == "o":
            whole = int(abs(number).to_integral_value())
            return number, space + ordinal(whole)[len(str(whole)) :]
        if kind == "a":
            size, letter = next(((s, c) for s, c in _SCALES if abs(number) >= s), (Decimal(1), ""))
            return number / size, space + letter if letter else ""
        return number, ""

    def _digits(self, amount: Decimal) -> str:
        rounded = f"{amount.quantize(Decimal(1).scaleb(-self._most)):f}"
        whole, _, decimals = rounded.partition(".")
        kept = decimals[: self._least] + decimals[self._least :].rstrip("0")
        if self._drops_zero_cents and not kept.strip("0"):
            kept = ""
        if self._groups:
            wide = self._width + (self._width - 1) // 3  # with the commas between
            whole = f"{int(whole):0{max(wide, 1)},}"
        else:
            whole = whole.zfill(self._width) if self._width or int(whole) else ""
        return f"{whole}.{kept}" if kept else whole

    def _signed(self, digits: str, *, is_negative: bool) -> str:
        before = "".join(sign for sign in self._before if sign in "$ ")
        rest = self._after if self._after.strip()[:1] not in ("%", "a", "o") else self._after.strip()[1:]
        after = "".join(sign for sign in rest if sign in "$ ").rstrip()
        if is_negative and self._brackets:
            return f"({before}{digits}{after})"
        sign = "-" if is_negative else "+" if self._plus else ""
        if self._after[-1:] in ("+", "-"):  # the sign stands behind
            return f"{before}{digits}{after}{sign}"
        return f"{sign}{before}{digits}{after}"
