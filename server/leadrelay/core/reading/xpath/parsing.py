"""From the text of an expression to what evaluates it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadrelay.core.reading.xpath import functions, operators
from leadrelay.core.reading.xpath.evaluating import Document, Evaluate, Result, Walk, XPath, number_of
from leadrelay.core.reading.xpath.steps import (
    ANYWHERE,
    AXES,
    Predicate,
    Step,
    chosen,
    deep_text_nodes,
    named,
    text_nodes,
)
from leadrelay.core.reading.xpath.tokens import BadXPath, Is, Token, cannot_read, tokens_of

MAX_NESTING = 20  # parentheses and brackets inside one another
NO_NAMESPACES: Mapping[str, str] = {}


def compile_xpath(expression: str, namespaces: Mapping[str, str] = NO_NAMESPACES) -> XPath:
    """The expression. `namespaces` are the prefixes that count, with what they stand for. Raises BadXPath."""
    parser = _Parser(expression, namespaces)
    parsed = parser.expression()
    if parser.next.kind is not Is.END:
        raise parser.cannot_read()
    return XPath(expression.strip(), parsed.evaluate)


@dataclass(frozen=True, slots=True)
class _Parsed:
    evaluate: Evaluate
    is_number: bool = False
    is_positional: bool = False


class _Parser:
    def __init__(self, expression: str, namespaces: Mapping[str, str]) -> None:
        self._source, self._namespaces = expression, namespaces
        self._tokens, self._at, self._depth = tokens_of(expression), 0, 0

    @property
    def next(self) -> Token:
        return self._tokens[self._at]

    def cannot_read(self) -> BadXPath:
        return cannot_read(self._source, self.next.at)

    def _take(self, *texts: str) -> str:
        """The next token where it is one of these, else nothing."""
        token = self.next
        if token.text not in texts or token.kind not in (Is.SIGN, Is.OPERATOR):
            return ""
        self._at += 1
        return token.text

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise self.cannot_read()

    def expression(self) -> _Parsed:
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise BadXPath(f"`{self._source}` is nested more than {MAX_NESTING} levels deep")
        parsed = self._binary(0)
        self._depth -= 1
        return parsed

    def _binary(self, level: int) -> _Parsed:
        if level == len(operators.BINDING):
            return self._operand()
        left = self._binary(level + 1)
        while self.next.kind is Is.OPERATOR and (sign := self._take(*operators.BINDING[level])):
            right = self._binary(level + 1)
            left = _Parsed(
                operators.joined(sign, left.evaluate, right.evaluate),
                is_number=sign in operators.NUMERIC,
                is_positional=left.is_positional or right.is_positional,
            )
        return left

    def _operand(self) -> _Parsed:
        is_negative = is_signed = False
        while self._take("-"):
            is_negative, is_signed = not is_negative, True
        if is_signed:
            inner, sign = self._unsigned(), -1.0 if is_negative else 1.0
            return _Parsed(
                lambda walk, *at: sign * number_of(walk, inner.evaluate(walk, *at)), True, inner.is_positional
            )
        return self._unsigned()

    def _unsigned(self) -> _Parsed:
        parsed = self._primary()
        if parsed is None:
            return self._location()
        predicates = self._predicates()
        steps = self._steps_behind()
        if not predicates and not steps:
            return parsed
        return _Parsed(_from(parsed.evaluate, tuple(predicates), tuple(steps)))

    def _primary(self) -> _Parsed | None:
        """A literal, a number, a call or parentheses; None where a location path begins."""
        token = self.next
        if token.kind is Is.LITERAL:
            self._at += 1
            words = token.text[1:-1]
            return _Parsed(lambda *_: words)
        if token.kind is Is.NUMBER:
            self._at += 1
            number = float(token.text)
            return _Parsed(lambda *_: number, is_number=True)
        if self._take("("):
            inner = self.expression()
            self._expect(")")
            return inner
        opens = self._tokens[self._at + 1 : self._at + 2]
        if token.kind is Is.NAME and opens and opens[0].text == "(" and token.text not in ("text", "node"):
            return self._call(token)
        return None

    def _call(self, name: Token) -> _Parsed:
        known = functions.FUNCTIONS.get(name.text)
        if known is None:
            raise BadXPath(f"`{name.text}()` in `{self._source}` is no function that is understood")
        self._at += 2
        given: list[_Parsed] = []
        while not self._take(")"):
            if given:
                self._expect(",")
            given.append(self.expression())
        least, most, _ = known
        if not least <= len(given) <= most:
            raise BadXPath(f"`{name.text}()` in `{self._source}` has {len(given)} arguments")
        return _Parsed(
            functions.call_of(name.text, [one.evaluate for one in given]),
            is_number=name.text in functions.NUMERIC,
            is_positional=name.text in ("position", "last") or any(one.is_positional for one in given),
        )

    def _location(self) -> _Parsed:
        is_absolute = self.next.text in ("/", "//") and self.next.kind is Is.SIGN
        if is_absolute and self.next.text == "/" and self._tokens[self._at + 1].kind is Is.END:
            raise BadXPath(f"`{self._source}` names nothing; write for example /Envelope/Body/Result")
        first = [] if is_absolute else self._step(is_deep=False)
        return _Parsed(_location(is_absolute, (*first, *self._steps_behind())))

    def _steps_behind(self) -> list[Step]:
        steps: list[Step] = []
        while slash := self._take("/", "//"):
            steps += self._step(is_deep=slash == "//")
        return steps

    def _step(self, *, is_deep: bool) -> list[Step]:
        """One step, with one before it that leads anywhere where it stands behind `//`.

        Most steps look further down themselves, which is quicker and keeps the order of the document; not
        those that ask for a place among siblings.
        """
        before = [ANYWHERE] if is_deep else []
        if self._take("."):
            return [*before, Step(AXES["self"], lambda _: True)]
        if self._take(".."):
            return [*before, Step(AXES["parent"], lambda _: True)]
        axis = self._axis()
        test, is_text = self._test()
        predicates = tuple(self._predicates())
        if is_deep and axis == "child" and not any(one.is_positional for one in predicates):
            return [Step(deep_text_nodes if is_text else AXES["descendant"], test, predicates)]
        return [*before, Step(text_nodes if is_text else AXES[axis], test, predicates)]

    def _axis(self) -> str:
        if self._take("@"):
            return "attribute"
        if self.next.kind is not Is.NAME or self._tokens[self._at + 1].text != "::":
            return "child"
        axis = self.next.text
        if axis not in AXES:
            raise BadXPath(f"`{axis}::` in `{self._source}` is no axis that is understood")
        self._at += 2
        return axis

    def _test(self) -> tuple[Any, bool]:
        token = self.next
        if token.text == "*" and token.kind is Is.SIGN:
            self._at += 1
            return named("*", self._namespaces), False
        if token.kind is not Is.NAME:
            raise self.cannot_read()
        self._at += 1
        if token.text in ("text", "node") and self._take("("):
            self._expect(")")
            return (lambda _: True), token.text == "text"
        return named(token.text, self._namespaces), False

    def _predicates(self) -> list[Predicate]:
        found: list[Predicate] = []
        while self._take("["):
            parsed = self.expression()
            self._expect("]")
            found.append(
                Predicate(parsed.evaluate, parsed.is_number, parsed.is_positional or parsed.is_number)
            )
        return found


def _location(is_absolute: bool, steps: tuple[Step, ...]) -> Evaluate:
    def evaluate(walk: Walk, node: Any, _place: int, _size: int) -> Result:
        nodes: list[Any] = [walk.document if is_absolute else node]
        for step in steps:
            nodes = step.take(walk, nodes)
            if not nodes:
                break
        return nodes

    return evaluate


def _from(start: Evaluate, predicates: tuple[Predicate, ...], steps: tuple[Step, ...]) -> Evaluate:
    """Predicates and steps behind an operand, as in `(//a)[1]/b`."""

    def evaluate(walk: Walk, node: Any, place: int, size: int) -> Result:
        nodes = start(walk, node, place, size)
        if not isinstance(nodes, list):
            return []
        nodes = chosen(walk, nodes, predicates)
        for step in steps:
            nodes = step.take(walk, nodes)
        return [one for one in nodes if not isinstance(one, Document)] if steps else nodes

    return evaluate
