"""Reads templates and conditions (behaviour 3.2) into syntax trees, by recursive descent.

template   = { text | tag | block } ;
tag        = "{{" statement "}}" ;
block      = "{{#if" test "}}" body [ "{{else}}" body ] "{{/if}}"      (also `else if`)
           | "{{#unless" test "}}" body [ "{{else}}" body ] "{{/unless}}"
           | "{{#each" operand "}}" body [ "{{else}}" body ] "{{/each}}" ;
statement  = "if" test "then" statement [ "else" statement ] | call | condition ;
call       = helper { operand | option "=" operand } ;
test       = condition, where two operands side by side mean `==` ;
condition  = conjunct { "or" conjunct } ;
conjunct   = negation { "and" negation } ;
negation   = "not" negation | comparison ;
comparison = operand [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) operand
           | "is" [ "not" ] ( "blank" | "valid" )
           | [ "not" ] ( "in" list | "between" operand "and" operand | "matches" operand
                       | "starts" "with" operand | "ends" "with" operand | "contains" operand ) ] ;
list       = "[" operand { "," operand } "]" ;
operand    = string | number | "true" | "false" | "null" | path | "now" | "(" statement ")" ;
path       = segment { "." segment } ;                                 (`[any text]` is a segment)
"""

import re
from collections.abc import Collection
from decimal import Decimal

from leadrelay.core.template.cursor import A_CHECK, Cursor
from leadrelay.core.template.errors import TemplateError, error_at, nearest
from leadrelay.core.template.foreign_helpers import comparison_of, instead_of
from leadrelay.core.template.lexer import T, Token, expression_tokens, template_tokens
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

MAX_SOURCE = 64 * 1024  # characters

_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_WORDED = frozenset({"in", "between", "matches", "starts", "ends", "contains"})
_RESERVED = _WORDED | {"then", "else", "and", "or", "not", "is"}
_SHORT_NUMBER = re.compile(r"[0-9]+(?:[eE]-?[0-9]+|[kKmM])")
_CONSTANTS: dict[str, Node] = {"true": Literal(True), "false": Literal(False), "null": NULL}


def parse_template(source: str, helpers: Collection[str], nullary: Collection[str]) -> Node:
    """The tree of a template. `helpers` are known by name; the `nullary` ones need no argument."""
    _check_length(source)
    parser = _Parser(source, template_tokens(source), helpers, nullary)
    body = parser.body(())
    parser.expect_end()
    return body


def parse_condition(source: str, helpers: Collection[str], nullary: Collection[str]) -> Node:
    """The tree of a bare condition."""
    _check_length(source)
    parser = _Parser(source, expression_tokens(source), helpers, nullary)
    node = parser.condition()
    parser.expect_end()
    return node


def _check_length(source: str) -> None:
    if len(source) > MAX_SOURCE:
        raise TemplateError(1, 1, f"longer than {MAX_SOURCE} characters")


class _Parser(Cursor):
    def __init__(
        self, source: str, tokens: list[Token], helpers: Collection[str], nullary: Collection[str]
    ) -> None:
        super().__init__(source, tokens)
        self._helpers, self._nullary = helpers, nullary
        self._each = 0  # how many `#each` blocks are open here
        self._tests = 0  # how many tests of an `if`: in their parentheses, too, two operands are compared

    # Text and blocks

    def body(self, until: tuple[str, ...]) -> Node:
        """Texts, tags and blocks, up to a tag such as `/if` or `else` (left unread) or the end."""
        parts: list[Node] = []
        while not self._at_end_of_body(until):
            token = self.take()
            if token.kind is T.TEXT:
                parts.append(Literal(token.text))
            elif token.text == "#":
                parts.append(self._block())
            else:
                parts.append(Print(self._statement()))
                self.close()
        return parts[0] if len(parts) == 1 else Joined(tuple(parts))

    def _at_end_of_body(self, until: tuple[str, ...]) -> bool:
        token = self.peek()
        if token.kind is T.END:
            if until:
                raise error_at(self.source, token.at, f"expected `{{{{{until[0]}}}}}` before the end")
            return True
        if token.kind is not T.OPEN:
            return False
        return token.text in ("/", "^") or self.at(T.NAME, "else", 1)

    def _block(self) -> Node:
        self.deeper()
        name = self.take()
        blocks = {"if": self._if_block, "unless": self._unless_block, "each": self._each_block}
        if name.kind is not T.NAME or name.text not in blocks:
            message = f"there is no block {name}; expected `#if`, `#unless` or `#each`"
            test = comparison_of(name.text)
            hint = f"; write `{{{{#if {test}}}}}`" if test else nearest(name.text, blocks)
            raise error_at(self.source, name.at, message + hint)
        node = blocks[name.text]()
        self.depth -= 1
        return node

    def _end_of_block(self, name: str) -> None:
        if self.peek().kind is not T.OPEN or not (self.at(T.OPEN, "/") and self.at(T.NAME, name, 1)):
            found = self.peek(1)
            raise error_at(self.source, self.peek().at, f"expected `{{{{/{name}}}}}` but found {found}")
        self.place += 2
        self.close()

    def _else(self) -> bool:
        """Whether `{{else` (or `{{^`) stands here; what follows in the tag is left unread."""
        if self.at(T.OPEN, "^"):
            self.place += 1
            return True
        if self.at(T.OPEN, "") and self.at(T.NAME, "else", 1):
            self.place += 2
            return True
        return False

    def _last_body(self, name: str) -> Node:
        """The body after `{{else}}`, where there is one, and the closing tag."""
        node: Node = NULL
        if self._else():
            self.close()
            node = self.body((f"/{name}",))
        self._end_of_block(name)
        return node

    def _if_block(self) -> Node:
        branches: list[tuple[Node, Node]] = []
        while True:
            test = self._test()
            self.close()
            branches.append((test, self.body(("/if", "else"))))
            if not (self.at(T.NAME, "else", 1) and self.at(T.NAME, "if", 2)):
                return Choice(tuple(branches), self._last_body("if"))
            self.place += 3  # `else if` shares the closing tag of the first `if`

    def _unless_block(self) -> Node:
        test = self._test()
        self.close()
        then = self.body(("/unless", "else"))
        return Choice(((Not(test), then),), self._last_body("unless"))

    def _each_block(self) -> Node:
        items = self._operand()
        self.close()
        self._each += 1
        body = self.body(("/each", "else"))
        self._each -= 1
        return Each(items, body, self._last_body("each"))

    # Statements and conditions

    def _statement(self) -> Node:
        self.deeper()
        if self.at(T.NAME, "if") and self._begins_operand(1):
            self.place += 1
            node = self._if()
        elif self._begins_call() and (not self._tests or self.peek().text in self._helpers):
            node = self._call()
        else:
            node = self.condition(side_by_side=self._tests > 0)
        self.depth -= 1
        return node

    def _if(self) -> Node:
        branches: list[tuple[Node, Node]] = []
        while True:
            test = self._test()
            self.expect(T.NAME, "then")
            branches.append((test, self._statement()))
            if not self.accept(T.NAME, "else"):
                return Choice(tuple(branches), NULL)
            if not (self.at(T.NAME, "if") and self._begins_operand(1)):
                return Choice(tuple(branches), self._statement())
            self.place += 1

    def _begins_operand(self, ahead: int = 0) -> bool:
        token = self.peek(ahead)
        if token.kind is T.NAME:
            return token.text not in _RESERVED or (token.text == "not" and ahead > 0)
        return token.kind in (T.STRING, T.NUMBER) or (token.kind is T.SIGN and token.text == "(")

    def _begins_call(self) -> bool:
        token = self.peek()
        if token.kind is not T.NAME or token.text in _CONSTANTS or token.text in _RESERVED:
            return False
        if self._is_function(0):
            return False  # an operand, after which an expression may go on
        if token.text in self._nullary and not self._continues_expression(1):
            return True
        after = self.peek(1)
        return after.kind is T.OPTION or (self._begins_operand(1) and after.text != "not")

    def _is_function(self, ahead: int) -> bool:
        """Whether `helper(` stands here: the bracket right behind the name."""
        name, bracket = self.peek(ahead), self.peek(ahead + 1)
        is_bracket = bracket.kind is T.SIGN and bracket.text == "("
        return name.kind is T.NAME and is_bracket and bracket.at == name.at + len(name.text)

    def _function(self) -> Call:
        name = self.take()
        self._check_helper(name)
        self.place += 1
        arguments: list[Node] = []
        if not self.at(T.SIGN, ")"):
            self.deeper()
            arguments.append(self._operand())
            while self.accept(T.SIGN, ","):
                arguments.append(self._operand())
            self.depth -= 1
        self.expect(T.SIGN, ")")
        return Call(name.text, tuple(arguments), (), name.at, self._each > 0)

    def _check_helper(self, name: Token) -> None:
        if name.text not in self._helpers:
            ours = instead_of(name.text)
            hint = f"; write `{ours}`" if ours else nearest(name.text, self._helpers)
            raise error_at(self.source, name.at, f"there is no helper `{name.text}`{hint}")

    def _continues_expression(self, ahead: int) -> bool:
        token = self.peek(ahead)
        if token.kind is T.NAME:
            return token.text in _WORDED or token.text in ("is", "and", "or", "not")
        return token.kind is T.SIGN and token.text in _COMPARISONS

    def _call(self) -> Node:
        name = self.take()
        self._check_helper(name)
        arguments: list[Node] = []
        options: list[tuple[str, Node]] = []
        while True:
            if self.peek().kind is T.OPTION:
                option = self.take()
                options.append((option.text, self._operand()))
            elif self._begins_operand():
                arguments.append(self._operand())
            else:
                break
        if self._continues_expression(0):
            message = f"put the helper in parentheses: `({name.text} …)`, before {self.peek()}"
            raise error_at(self.source, self.peek().at, message)
        return Call(name.text, tuple(arguments), tuple(options), name.at, self._each > 0)

    def _test(self) -> Node:
        self._tests += 1
        node = self.condition(side_by_side=True)
        self._tests -= 1
        return node

    def condition(self, *, side_by_side: bool = False) -> Node:
        parts = [self._conjunct(side_by_side)]
        while self.accept(T.NAME, "or"):
            parts.append(self._conjunct(side_by_side))
        return self._together("or", parts)

    def _conjunct(self, side_by_side: bool) -> Node:
        parts = [self._negation(side_by_side)]
        while self.accept(T.NAME, "and"):
            parts.append(self._negation(side_by_side))
        return self._together("and", parts)

    def _together(self, operator: str, parts: list[Node]) -> Node:
        """One condition of several. `state == "CA" or "TX"` would hold whatever the state."""
        if len(parts) == 1:
            return parts[0]
        for part in parts:
            if isinstance(part, Literal) and type(part.value) in (str, int, Decimal):
                message = f"`{part.value}` is compared with nothing; say what it has to equal"
                raise error_at(self.source, part.at, f"{message}, or write `in [ … ]` for one of several")
        return Both(operator, tuple(parts))

    def _negation(self, side_by_side: bool) -> Node:
        if not self.accept(T.NAME, "not"):
            return self._comparison(side_by_side)
        self.deeper()
        node = Not(self._negation(side_by_side))
        self.depth -= 1
        return node

    def _comparison(self, side_by_side: bool) -> Node:
        left = self._operand()
        token = self.peek()
        if token.kind is T.SIGN and token.text in _COMPARISONS:
            self.place += 1
            return Compare(token.text, left, self._compared())
        if self.accept(T.NAME, "is"):
            return self._is_check(left)
        if self.at(T.NAME, "not") and self.peek(1).kind is T.NAME and self.peek(1).text in _WORDED:
            self.place += 1
            return Not(self._worded(left))
        if token.kind is T.NAME and token.text in _WORDED:
            return self._worded(left)
        if side_by_side and self._begins_operand():
            return Compare("==", left, self._operand())
        return left

    def _compared(self) -> Node:
        """What something is compared with: there `50k` is meant as a number, and not as a field."""
        token = self.peek()
        if token.kind is T.NAME and _SHORT_NUMBER.fullmatch(token.text):
            message = f"{token} is not a number; write all its digits (a field is `[{token.text}]`)"
            raise error_at(self.source, token.at, message)
        return self._operand()

    def _is_check(self, left: Node) -> Node:
        negated = self.accept(T.NAME, "not")
        token = self.peek()
        if token.kind is not T.NAME or token.text not in ("blank", "valid"):
            if token.kind in (T.STRING, T.NUMBER):
                sign = "!=" if negated else "=="
                message = f"expected `blank` or `valid` but found {token}; to compare, write `{sign}`"
                raise error_at(self.source, token.at, message)
            raise self.unexpected(A_CHECK)
        self.place += 1
        node = Check(token.text, left, (), token.at)
        return Not(node) if negated else node

    def _worded(self, left: Node) -> Node:
        word = self.take()
        if word.text == "in":
            return Check("in", left, self._list(), word.at)
        if word.text == "between":
            low = self._compared()
            self.expect(T.NAME, "and")
            return Check("between", left, (low, self._compared()), word.at)
        if word.text in ("starts", "ends"):
            self.expect(T.NAME, "with")
        return Check(word.text, left, (self._operand(),), word.at)

    def _list(self) -> tuple[Node, ...]:
        self.expect(T.SIGN, "[")
        items = [self._operand()]
        while self.accept(T.SIGN, ","):
            items.append(self._operand())
        self.expect(T.SIGN, "]")
        return tuple(items)

    def _operand(self) -> Node:
        token = self.peek()
        if token.kind is T.STRING:
            self.place += 1
            return Literal(token.text, token.at)
        if token.kind is T.NUMBER:
            self.place += 1
            return Literal(_number(token.text), token.at)
        if self.accept(T.SIGN, "("):
            name, node = self.peek(), self._statement()
            if name.kind is T.NAME and self._begins_operand():  # `(name a b)` can only be a helper
                self._check_helper(name)
            self.expect(T.SIGN, ")")
            return node
        if token.kind is T.NAME and token.text not in _RESERVED:
            if self._is_function(0):
                return self._function()
            self.place += 1
            if token.text in self._nullary:
                return Call(token.text, (), (), token.at)
            if token.text in self._helpers and self._begins_operand():
                message = f"put the helper in parentheses: `({token.text} …)`"
                raise error_at(self.source, token.at, message)
            if token.text in self._helpers:
                message = f"`{token.text}` is a helper and needs a value: `{token.text} first_name`"
                raise error_at(self.source, token.at, f"{message}; a field of that name is `[{token.text}]`")
            return _CONSTANTS.get(token.text) or self._path(token)
        raise self.unexpected("a value")

    def _path(self, token: Token) -> Path:
        name = token.text.lstrip("./")
        outward = token.text.removesuffix(name).count("../")
        segments = split_path(name)
        is_local = segments[0] == "this" or segments[0].startswith("@")
        if is_local and self._each <= outward:
            raise error_at(self.source, token.at, f"`{segments[0]}` has a meaning only inside `#each`")
        return Path(segments, in_each=self._each > outward, at=token.at, outward=outward)


def _number(numeral: str) -> int | Decimal | str:
    """A numeral with a leading zero is a code such as a ZIP and stays text."""
    digits = numeral.lstrip("-")
    if len(digits) > 1 and digits[0] == "0" and digits[1] != ".":
        return numeral
    return Decimal(numeral) if "." in numeral else int(numeral)


def split_path(path: str) -> tuple[str, ...]:
    """Segments of a dotted path; brackets round a segment keep its dots and spaces together."""
    if "[" not in path:
        return tuple(path.split("."))
    segments: list[str] = []
    at = 0
    while at < len(path):
        if path[at] == "[" and (end := path.find("]", at)) > 0:
            segments.append(path[at + 1 : end])
        else:
            end = path.find(".", at)
            end = len(path) if end < 0 else end
            segments.append(path[at:end])
            end -= 1
        at = end + 2
    return tuple(segments)
