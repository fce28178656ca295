"""The expressions of `math`: exact decimal arithmetic over the values of a lead.

    choice     = logic [ "?" choice ":" choice ] ;
    logic      = comparison { ( "and" | "or" ) comparison } ;                       (left to right)
    comparison = sum [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) sum ] ;
    sum        = product { ( "+" | "-" ) product } ;
    product    = sign { ( "*" | "/" | "%" ) sign } ;
    sign       = ( "-" | "+" | "not" ) sign | power ;
    power      = atom [ "^" sign ] ;
    atom       = number | path | function "(" choice { "," choice } ")" | "(" choice ")" ;

Whatever is no number makes the whole result null, and so does what has none: a division by zero, the
root of a negative number, a result beyond 10^100.
"""

import re
from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)

from leadrelay.core.scope import Read, Scope
from leadrelay.core.template.errors import nearest
from leadrelay.core.values import Value, number

MAX_DEPTH = 32
DIGITS = 15  # of a result; more are rounding noise of a division or a root
_CONTEXT = Context(prec=40, Emax=100, Emin=-100, traps=[DivisionByZero, InvalidOperation, Overflow])

Compute = Callable[[Scope], Decimal]


class BadExpression(Exception):
    """No expression; says what was expected."""


class _NoNumber(Exception):
    """A value of the lead that is no number."""


def compile_math(source: str, path: Callable[[str], Read]) -> Read:
    """What computes an expression; `path` gives what reads a name in it. Raises BadExpression."""
    compute = _Parser(source, path).whole()

    def read(scope: Scope) -> Value:
        try:
            with localcontext(_CONTEXT):
                return _finished(compute(scope))
        except (_NoNumber, DecimalException, ValueError, OverflowError):
            return None

    return read


class _Truth(Decimal):
    """The number of a comparison, which prints as a word."""


_TRUE, _FALSE = _Truth(1), _Truth(0)


def _finished(result: Decimal) -> Value:
    if isinstance(result, _Truth):
        return bool(result)
    if result == result.to_integral_value() and abs(result) < Decimal(10) ** 18:
        return int(result)
    rounded = Context(prec=DIGITS, rounding=ROUND_HALF_UP).plus(result).normalize()
    return int(rounded) if rounded == rounded.to_integral_value() else rounded


def _rounded(mode: str) -> Callable[[Decimal], Decimal]:
    return lambda value: value.to_integral_value(rounding=mode)


def _round_to(value: Decimal, places: Decimal) -> Decimal:
    if places != int(places) or abs(places) > 20:
        raise _NoNumber
    return value.quantize(Decimal(1).scaleb(-int(places)), rounding=ROUND_HALF_UP)


def _log(value: Decimal, base: Decimal | None = None) -> Decimal:
    return value.ln() if base is None else value.ln() / base.ln()


# By name: what computes it, and how many arguments it takes at least and at most.
_FUNCTIONS: dict[str, tuple[Callable[..., Decimal], int, int]] = {
    "abs": (abs, 1, 1),
    "ceil": (_rounded(ROUND_CEILING), 1, 1),
    "floor": (_rounded(ROUND_FLOOR), 1, 1),
    "round": (_rounded(ROUND_HALF_UP), 1, 1),
    "trunc": (_rounded(ROUND_DOWN), 1, 1),
    "roundTo": (_round_to, 2, 2),
    "min": (lambda *values: min(values), 1, 50),
    "max": (lambda *values: max(values), 1, 50),
    "sqrt": (Decimal.sqrt, 1, 1),
    "exp": (Decimal.exp, 1, 1),
    "ln": (_log, 1, 1),
    "log": (_log, 1, 2),
    "log10": (Decimal.log10, 1, 1),
    "sign": (lambda value: Decimal((value > 0) - (value < 0)), 1, 1),
}

_COMPARISONS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
_OPERATIONS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "%": lambda left, right: left % right,
    "^": lambda left, right: left**right,
}

_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?![\w.])"
    r"|(?P<name>[A-Za-z_]\w*(?:\.\w+)*)|(?P<sign>==|!=|<=|>=|[-+*/%^<>?:(),])|(?P<end>\Z))"
)


class _Parser:
    def __init__(self, source: str, path: Callable[[str], Read]) -> None:
        self._path = path
        self._depth = 0
        self._tokens: list[tuple[str, str]] = []
        self._next = 0
        at = 0
        while not self._tokens or self._tokens[-1][0] != "end":
            found = _TOKEN.match(source, at)
            if found is None:
                raise BadExpression(f"unexpected `{source[at:].strip()[:10]}`")
            kind = found.lastgroup or ""
            self._tokens.append((kind, found[kind]))
            at = found.end()

    def whole(self) -> Compute:
        compute = self._choice()
        if self._peek()[0] != "end":
            raise self._unexpected("an operator or the end")
        return compute

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._next]

    def _accept(self, *words: str) -> str:
        kind, word = self._peek()
        if kind in ("sign", "name") and word in words:
            self._next += 1
            return word
        return ""

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            raise self._unexpected(f"`{word}`")

    def _unexpected(self, wanted: str) -> BadExpression:
        kind, word = self._peek()
        return BadExpression(f"expected {wanted} but found {'the end' if kind == 'end' else f'`{word}`'}")

    def _choice(self) -> Compute:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise BadExpression(f"nested more than {MAX_DEPTH} levels deep")
        test = self._logic()
        if self._accept("?"):
            then = self._choice()
            self._expect(":")
            otherwise = self._choice()
            self._depth -= 1
            return lambda scope: then(scope) if test(scope) else otherwise(scope)
        self._depth -= 1
        return test

    def _logic(self) -> Compute:
        left = self._comparison()
        while word := self._accept("and", "or"):
            left = _joined(word, left, self._comparison())
        return left

    def _comparison(self) -> Compute:
        left = self._sum()
        word = self._accept(*_COMPARISONS)
        if not word:
            return left
        holds, right = _COMPARISONS[word], self._sum()
        return lambda scope: _TRUE if holds(left(scope), right(scope)) else _FALSE

    def _sum(self) -> Compute:
        return self._chain(self._product, "+", "-")

    def _product(self) -> Compute:
        return self._chain(self._sign, "*", "/", "%")

    def _chain(self, operand: Callable[[], Compute], *words: str) -> Compute:
        first = operand()
        steps: list[tuple[Callable[[Decimal, Decimal], Decimal], Compute]] = []
        while word := self._accept(*words):
            steps.append((_OPERATIONS[word], operand()))
        if not steps:
            return first

        def compute(scope: Scope) -> Decimal:
            result = first(scope)
            for operation, right in steps:
                result = operation(result, right(scope))
            return result

        return compute

    def _sign(self) -> Compute:
        word = self._accept("-", "+", "not")
        if not word:
            return self._power()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise BadExpression(f"nested more than {MAX_DEPTH} levels deep")
        operand = self._sign()
        self._depth -= 1
        if word == "not":
            return lambda scope: _FALSE if operand(scope) else _TRUE
        return operand if word == "+" else lambda scope: -operand(scope)

    def _power(self) -> Compute:
        base = self._atom()
        if not self._accept("^"):
            return base
        exponent = self._sign()
        return lambda scope: base(scope) ** exponent(scope)

    def _atom(self) -> Compute:
        kind, word = self._peek()
        if kind == "number":
            self._next += 1
            return _constant(Decimal(word))
        if self._accept("("):
            inner = self._choice()
            self._expect(")")
            return inner
        if kind != "name" or word in ("and", "or", "not"):
            raise self._unexpected("a number, a field or a function")
        self._next += 1
        return self._function(word) if self._accept("(") else _field(self._path(word))

    def _function(self, name: str) -> Compute:
        if name not in _FUNCTIONS:
            raise BadExpression(f"there is no function `{name}`{nearest(name, _FUNCTIONS)}")
        function, least, most = _FUNCTIONS[name]
        arguments = [self._choice()]
        while self._accept(","):
            arguments.append(self._choice())
        self._expect(")")
        if not least <= len(arguments) <= most:
            raise BadExpression(f"`{name}` takes {least if least == most else f'{least} to {most}'} numbers")
        return lambda scope: function(*[argument(scope) for argument in arguments])


def _joined(word: str, left: Compute, right: Compute) -> Compute:
    if word == "and":
        return lambda scope: _TRUE if left(scope) and right(scope) else _FALSE
    return lambda scope: _TRUE if left(scope) or right(scope) else _FALSE


def _constant(value: Decimal) -> Compute:
    return lambda _: value


def _field(read: Read) -> Compute:
    def compute(scope: Scope) -> Decimal:
        value = number(read(scope))
        if value is None:
            raise _NoNumber
        return Decimal(value)

    return compute
