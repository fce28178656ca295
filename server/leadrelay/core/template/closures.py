"""Turns a syntax tree into closures over a scope: all decisions that can be taken early are.

What remains per lead is dictionary look-ups and text formatting. Hostile values meet limits: the
size of what is rendered and the rounds of `#each`; depth is limited by the parser, and no closure
recurses deeper than the source is nested.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from leadrelay.core.scope import Read, Scope, resolver
from leadrelay.core.template.comparing import ORDERS, Test, against_constant, folded, plain_words, worded
from leadrelay.core.template.comparing_dates import (
    NoSuchTime,
    ReadWhen,
    between,
    compared,
    is_in,
    sides,
    sort_of,
)
from leadrelay.core.template.errors import TemplateFault, error_at, nearest
from leadrelay.core.template.parser import split_path
from leadrelay.core.template.pattern import compile_pattern
from leadrelay.core.template.registry import HELPERS, Argument, BadCall, Helper
from leadrelay.core.template.registry import Call as PreparedCall
from leadrelay.core.template.rendering import (
    MAX_ROUNDS,
    ReadText,
    as_text,
    bound,
    constant,
    counted,
    repeated,
    rounds_of,
)
from leadrelay.core.template.syntax import (
    NULL,
    Both,
    Call,
    Check,
    Choice,
    Compare,
    Each,
    Joined,
    Literal,
    Node,
    Not,
    Path,
    Print,
)
from leadrelay.core.typed.parts import parts_of
from leadrelay.core.values import Types, Value, compare, is_blank, is_true, same, text, walk

FEW_PARTS = 16  # a tag that prints at most a lead's value; so many cannot grow out of hand unseen

R = TypeVar("R")


class Builder:
    """Builds the closures of one template or condition, and notes the paths that it reads."""

    def __init__(self, source: str, types: Types, escape: Callable[[str], str] | None = None) -> None:
        self._source, self._types, self._escape = source, types, escape
        self.paths: dict[tuple[str, ...], Read] = {}  # in order of appearance
        self.named: set[tuple[str, ...]] = set()  # the same with those that begin at an item, as `this.ssn`
        self.asked: set[tuple[str, ...]] = set()  # those that no `#each` block's item may have
        self.against: set[str] = set()  # bare names that something is compared with
        self.has_calls = self.asks_time = False

    # Values

    def value(self, node: Node) -> Read:
        """What the node is, with its type."""
        match node:
            case Literal(value):
                return constant(value)
            case Path():
                return self._path(node)
            case Print(inner) if self._escape is None:
                return self.value(inner)
            case Call():
                return self._call(node)
            case Choice():
                return self._choice(node, self.value)
            case Joined() | Each() | Print():
                return self.text(node)
            case _:
                return self.test(node)

    def text(self, node: Node) -> ReadText:
        """What the node prints."""
        match node:
            case Literal(value):
                return constant(text(value))
            case Joined(parts):
                return self._joined(parts)
            case Choice():
                return self._choice(node, self.text)
            case Each():
                return self._each(node)
            case Print(inner):
                return self._print(inner)
            case _:
                return as_text(self.value(node))

    def _print(self, node: Node) -> ReadText:
        printed, escape = self.text(node), self._escape
        if escape is None:
            return printed
        return lambda scope: escape(printed(scope))

    def _path(self, node: Path) -> Read:
        if not node.in_each:
            self._check_part(node)
        read = resolver(node.segments, self._types) if not node.in_each else self._in_each(node)
        self.named.add(node.segments)
        if node.segments[0] != "this" and node.segments[0][0] != "@":
            self.paths.setdefault(node.segments, read)
            if not node.in_each:
                self.asked.add(node.segments)
        return read

    def _check_part(self, node: Path) -> None:
        """A part that no value of the field's type can have is a slip, unless it is a field by that name."""
        path = node.segments[1:] if node.segments[0] == "lead" else node.segments
        read = self._types.get(path[0]) if len(path) > 1 else None
        parts = None if read is None or ".".join(path) in self._types else parts_of(read)
        if parts is None or path[1] in parts:
            return
        message = f"`{path[0]}` has no part `{path[1]}`{nearest(path[1], parts)}"
        raise error_at(self._source, node.at, f"{message} (its parts: {', '.join(parts)})")

    def _in_each(self, node: Path) -> Read:
        head, rest = node.segments[0], node.segments[1:]
        outer = resolver(node.segments, self._types) if head != "this" and head[0] != "@" else None
        outward = node.outward

        def read(scope: Scope) -> Value:
            for frame in reversed(scope.locals[:-outward] if outward else scope.locals):
                if head in frame:
                    return walk(frame[head], rest)
                item = frame["this"]
                if isinstance(item, Mapping) and head in item:
                    return walk(item[head], rest)
            return outer(scope) if outer else None

        return read

    def _choice(self, node: Choice, build: Callable[[Node], Callable[[Scope], R]]) -> Callable[[Scope], R]:
        branches = [(self.test(test), build(then)) for test, then in node.branches]
        otherwise = build(node.otherwise)
        if len(branches) == 1:
            (holds, then) = branches[0]
            return lambda scope: then(scope) if holds(scope) else otherwise(scope)

        def read(scope: Scope) -> R:
            for holds, then in branches:
                if holds(scope):
                    return then(scope)
            return otherwise(scope)

        return read

    def _joined(self, parts: Sequence[Node]) -> ReadText:
        pattern = "".join(
            text(part.value).replace("%", "%%") if isinstance(part, Literal) else "%s" for part in parts
        )
        reads = [self.text(part) for part in parts if not isinstance(part, Literal)]
        if len(reads) > FEW_PARTS:
            return counted(pattern, reads)
        if len(reads) == 2:
            first, second = reads
            return lambda scope: pattern % (first(scope), second(scope))
        return lambda scope: pattern % tuple([read(scope) for read in reads])

    def _each(self, node: Each) -> ReadText:
        items, body, otherwise = self.value(node.items), self.text(node.body), self.text(node.otherwise)

        def read(scope: Scope) -> str:
            rounds = rounds_of(items(scope))
            if not rounds:
                return otherwise(scope)
            scope.steps += len(rounds)
            if scope.steps > MAX_ROUNDS:
                raise TemplateFault(f"more than {MAX_ROUNDS} rounds of #each")
            return repeated(scope, rounds, body)

        return read

    # Tests

    def test(self, node: Node) -> Test:
        """Whether the node holds."""
        match node:
            case Compare():
                return self._comparison(node)
            case Check():
                return self._check(node)
            case Not(operand):
                inner = self.test(operand)
                return lambda scope: not inner(scope)
            case Both(word, parts):
                tests = [self.test(part) for part in parts]
                if word == "and":
                    return lambda scope: all(test(scope) for test in tests)
                return lambda scope: any(test(scope) for test in tests)
            case _:
                read = self.value(node)
                return lambda scope: is_true(read(scope))

    def _dated(self, nodes: Sequence[Node], *, is_order: bool) -> list[ReadWhen] | None:
        """What reads the sides of a test as dates or times, where one of them certainly is one."""
        sort = sort_of(nodes, self._types, is_order=is_order)
        if sort is None:
            return None
        try:
            return sides(nodes, [self.value(node) for node in nodes], sort, self._types)
        except NoSuchTime as error:
            raise error_at(self._source, error.constant.at, str(error)) from error

    def _note_against(self, nodes: Sequence[Node]) -> None:
        """What a text is that somebody forgot to put in quotes."""
        paths = (node for node in nodes if isinstance(node, Path) and not node.in_each)
        self.against.update(node.segments[0] for node in paths if len(node.segments) == 1)

    def _comparison(self, node: Compare) -> Test:
        self._note_against([node.right])
        is_order = node.operator in ORDERS
        dated = self._dated((node.left, node.right), is_order=is_order)
        if dated is not None and NULL not in (node.left, node.right):
            return compared(node.operator, *dated)
        one, other = node.left, node.right
        if not is_order:
            one, other = self._as_read(one, other), self._as_read(other, one)
        left = self.value(one)
        if isinstance(other, Literal):
            quick = against_constant(left, node.operator, other.value)
            if quick is not None:
                return quick
        right = self.value(other)
        if node.operator == "==":
            return lambda scope: same(left(scope), right(scope))
        if node.operator == "!=":
            return lambda scope: not same(left(scope), right(scope))
        holds = ORDERS[node.operator]

        def test(scope: Scope) -> bool:
            order = compare(left(scope), right(scope))
            return order is not None and holds(order, 0)

        return test

    def _as_read(self, node: Node, beside: Node) -> Node:
        """A text as the field reads it that it is to equal: "Texas" is TX, as it is in a lead."""
        if not isinstance(node, Literal) or not isinstance(node.value, str):
            return node
        if not isinstance(beside, Path) or beside.in_each:
            return node
        segments = beside.segments[beside.segments[0] == "lead" :]
        parse = self._types.get(segments[0]) if len(segments) == 1 else None
        if parse is None or not (known := parse(node.value)).valid or not isinstance(known.normal, str):
            return node
        return Literal(known.normal, node.at)

    def _check(self, node: Check) -> Test:
        self._note_against(node.against)
        subject = self.value(node.subject)
        match node.word:
            case "blank":
                return lambda scope: is_blank(subject(scope))
            case "valid":
                return self._is_valid(node)
            case "matches":
                return self._matches(node)
            case "in":
                return self._is_in(node)
            case "between":
                return self._is_between(node)
        return worded(node.word, subject, self.text(node.against[0]))

    def _is_valid(self, node: Check) -> Test:
        if not isinstance(node.subject, Path):
            raise error_at(self._source, node.at, "only a field can be asked whether it is valid")
        segments = node.subject.segments
        field = segments[1] if segments[0] == "lead" and len(segments) > 1 else segments[0]
        if field not in self._types:
            raise error_at(self._source, node.at, f"`{field}` has no type, so nothing says what is valid")
        self.value(node.subject)
        read = resolver((*segments, "valid"), self._types)
        return lambda scope: read(scope) is True

    def _matches(self, node: Check) -> Test:
        pattern = node.against[0]
        if not isinstance(pattern, Literal) or not isinstance(pattern.value, str):
            raise error_at(self._source, node.at, "`matches` takes a regular expression in quotes")
        try:
            found = compile_pattern(pattern.value, ignore_case=True).search
        except ValueError as error:
            raise error_at(self._source, node.at, str(error)) from error
        subject = self.value(node.subject)

        def test(scope: Scope) -> bool:
            value = subject(scope)
            return value is not None and found(text(value)) is not None

        return test

    def _is_in(self, node: Check) -> Test:
        subject, against = self.value(node.subject), node.against
        dated = self._dated((node.subject, *against), is_order=False)
        if dated is not None:
            return is_in(dated[0], dated[1:])
        against = tuple(self._as_read(choice, node.subject) for choice in against)
        choices = [self.value(node) for node in against]

        def test(scope: Scope) -> bool:
            value = subject(scope)
            return value is not None and any(same(value, choice(scope)) for choice in choices)

        if not all(isinstance(node, Literal) for node in against):
            return test
        words = plain_words([node.value for node in against if isinstance(node, Literal)])
        if words is None:
            return test
        return lambda scope: folded(subject(scope)) in words

    def _is_between(self, node: Check) -> Test:
        dated = self._dated((node.subject, *node.against), is_order=True)
        if dated is not None:
            return between(*dated)
        subject, low, high = (self.value(side) for side in (node.subject, *node.against))

        def test(scope: Scope) -> bool:
            value = subject(scope)
            from_low, from_high = compare(value, low(scope)), compare(value, high(scope))
            return from_low is not None and from_high is not None and from_low >= 0 >= from_high

        return test

    # Calls

    def _call(self, node: Call) -> Read:
        self.has_calls = True
        self.asks_time |= node.name == "now"
        helper = HELPERS[node.name]
        self._check_call(node, helper)
        if helper.is_prepared:
            return self._prepare(node, helper)
        arguments = [self.value(argument) for argument in node.arguments]
        options = [(name, self.value(option)) for name, option in node.options]
        return bound(helper, arguments, options)

    def _check_call(self, node: Call, helper: Helper) -> None:
        for name, _ in node.options:
            if name not in helper.options:
                known = ", ".join(sorted(helper.options)) or "none"
                message = f"`{helper.name}` has no option `{name}`{nearest(name, helper.options)}"
                raise error_at(self._source, node.at, f"{message} (its options: {known})")
        for name, option in node.options:
            if name in helper.choices:
                self._check_choice(node, name, option, helper.choices[name])
        given = len(node.arguments)
        if given < helper.minimum or (helper.maximum is not None and given > helper.maximum):
            raise error_at(
                self._source, node.at, f"`{helper.name}` takes {helper.takes} but is given {given}"
            )

    def _check_choice(self, node: Call, name: str, option: Node, choices: Sequence[str]) -> None:
        written = text(option.value) if isinstance(option, Literal) else None
        if written is None or written not in choices:
            given = "" if written is None else f", not `{written}`{nearest(written, choices)}"
            message = f"`{node.name}`: the option `{name}` is {' or '.join(choices)}{given}"
            raise error_at(self._source, node.at, message)

    def _prepare(self, node: Call, helper: Helper) -> Read:
        call = PreparedCall(
            tuple(self._argument(argument) for argument in node.arguments),
            {name: self._argument(option) for name, option in node.options},
            lambda path: self._path(Path(split_path(path), in_each=node.in_each, at=node.at)),
        )
        try:
            prepared: Read = helper.function(call)
        except BadCall as error:
            raise error_at(self._source, node.at, f"`{helper.name}`: {error}") from error
        return prepared

    def _argument(self, node: Node) -> Argument:
        constant = node.value if isinstance(node, Literal) else None
        label = node.label if isinstance(node, Path) else ""
        return Argument(self.value(node), isinstance(node, Literal), constant, label)
