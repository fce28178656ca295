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
operand    = string | number | "true" | "false" | "null" | path | "(" statement ")" ;
path       = segment { "." segment } ;                                 (`[any text]` is a segment)
"""

from collections.abc import Collection
from decimal import Decimal

from leadrelay.core.template.errors import TemplateError, error_at, nearest
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
MAX_DEPTH = 32  # blocks and parentheses inside each other

_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_WORDED = frozenset({"in", "between", "matches", "starts", "ends", "contains"})
_RESERVED = _WORDED | {"then", "else", "and", "or", "not", "is"}
_CONSTANTS: dict[str, Node] = {"true": Literal(True), "false": Literal(False), "null": NULL}
_ELSEWHERE = {"=": "==", "<>": "!=", "!": "not", "&&": "and", "||": "or", "|": "or"}


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


class _Parser:
    def __init__(
        self, source: str, tokens: list[Token], helpers: Collection[str], nullary: Collection[str]
    ) -> None:
        self._source, self._tokens, self._next = source, tokens, 0
        self._helpers, self._nullary = helpers, nullary
        self._depth = 0
        self._each = 0  # how many `#each` blocks are open here
        self._tests = 0  # how many tests of an `if`: in their parentheses, too, two operands are compared

    # Tokens

    def _peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._next + ahead, len(self._tokens) - 1)]

    def _take(self) -> Token:
        token = self._peek()
        self._next += 1
        return token

    def _is(self, kind: T, text: str, ahead: int = 0) -> bool:
        token = self._peek(ahead)
        return token.kind is kind and token.text == text

    def _accept(self, kind: T, text: str) -> bool:
        if self._is(kind, text):
            self._next += 1
            return True
        return False

    def _expect(self, kind: T, text: str) -> None:
        if not self._accept(kind, text):
            raise self._unexpected(f"`{text}`")

    def _close(self) -> None:
        if self._peek().kind is not T.CLOSE:
            raise self._unexpected("`}}`")
        self._next += 1

    def expect_end(self) -> None:
        if self._peek().kind is T.OPEN:
            sign, name = self._peek().text, self._peek(1).text
            raise error_at(self._source, self._peek().at, f"`{{{{{sign}{name}}}}}` without its beginning")
        if self._peek().kind is not T.END:
            raise self._unexpected("an operator or the end")

    def _unexpected(self, wanted: str) -> TemplateError:
        token = self._peek()
        hint = ""
        if token.kind is T.SIGN and token.text in _ELSEWHERE:
            hint = f"; write `{_ELSEWHERE[token.text]}`"
        elif token.kind is T.NAME and "`" in wanted:
            words = [word for word in wanted.split("`")[1::2] if word.isalpha()]
            before = self._tokens[self._next - 1]  # `if a thn b` reads `thn` as a value
            hint = nearest(token.text, words) or (before.kind is T.NAME and nearest(before.text, words)) or ""
        return error_at(self._source, token.at, f"expected {wanted} but found {token}{hint}")

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise error_at(self._source, self._peek().at, f"nested more than {MAX_DEPTH} levels deep")

    # Text and blocks

    def body(self, until: tuple[str, ...]) -> Node:
        """Texts, tags and blocks, up to a tag such as `/if` or `else` (left unread) or the end."""
        parts: list[Node] = []
        while not self._at_end_of_body(until):
            token = self._take()
            if token.kind is T.TEXT:
                parts.append(Literal(token.text))
            elif token.text == "#":
                parts.append(self._block())
            else:
                parts.append(Print(self._statement()))
                self._close()
        return parts[0] if len(parts) == 1 else Joined(tuple(parts))

    def _at_end_of_body(self, until: tuple[str, ...]) -> bool:
        token = self._peek()
        if token.kind is T.END:
            if until:
                raise error_at(self._source, token.at, f"expected `{{{{{until[0]}}}}}` before the end")
            return True
        if token.kind is not T.OPEN:
            return False
        return token.text in ("/", "^") or self._is(T.NAME, "else", 1)

    def _block(self) -> Node:
        self._deeper()
        name = self._take()
        blocks = {"if": self._if_block, "unless": self._unless_block, "each": self._each_block}
        if name.kind is not T.NAME or name.text not in blocks:
            message = f"there is no block {name}; expected `#if`, `#unless` or `#each`"
            raise error_at(self._source, name.at, message + nearest(name.text, blocks))
        node = blocks[name.text]()
        self._depth -= 1
        return node

    def _end_of_block(self, name: str) -> None:
        if self._peek().kind is not T.OPEN or not (self._is(T.OPEN, "/") and self._is(T.NAME, name, 1)):
            found = self._peek(1)
            raise error_at(self._source, self._peek().at, f"expected `{{{{/{name}}}}}` but found {found}")
        self._next += 2
        self._close()

    def _else(self) -> bool:
        """Whether `{{else` (or `{{^`) stands here; what follows in the tag is left unread."""
        if self._is(T.OPEN, "^"):
            self._next += 1
            return True
        if self._is(T.OPEN, "") and self._is(T.NAME, "else", 1):
            self._next += 2
            return True
        return False

    def _last_body(self, name: str) -> Node:
        """The body after `{{else}}`, where there is one, and the closing tag."""
        node: Node = NULL
        if self._else():
            self._close()
            node = self.body((f"/{name}",))
        self._end_of_block(name)
        return node

    def _if_block(self) -> Node:
        branches: list[tuple[Node, Node]] = []
        while True:
            test = self._test()
            self._close()
            branches.append((test, self.body(("/if", "else"))))
            if not (self._is(T.NAME, "else", 1) and self._is(T.NAME, "if", 2)):
                return Choice(tuple(branches), self._last_body("if"))
            self._next += 3  # `else if` shares the closing tag of the first `if`

    def _unless_block(self) -> Node:
        test = self._test()
        self._close()
        then = self.body(("/unless", "else"))
        return Choice(((Not(test), then),), self._last_body("unless"))

    def _each_block(self) -> Node:
        items = self._operand()
        self._close()
        self._each += 1
        body = self.body(("/each", "else"))
        self._each -= 1
        return Each(items, body, self._last_body("each"))

    # Statements and conditions

    def _statement(self) -> Node:
        self._deeper()
        if self._is(T.NAME, "if") and self._begins_operand(1):
            self._next += 1
            node = self._if()
        elif self._begins_call() and (not self._tests or self._peek().text in self._helpers):
            node = self._call()
        else:
            node = self.condition(side_by_side=self._tests > 0)
        self._depth -= 1
        return node

    def _if(self) -> Node:
        branches: list[tuple[Node, Node]] = []
        while True:
            test = self._test()
            self._expect(T.NAME, "then")
            branches.append((test, self._statement()))
            if not self._accept(T.NAME, "else"):
                return Choice(tuple(branches), NULL)
            if not (self._is(T.NAME, "if") and self._begins_operand(1)):
                return Choice(tuple(branches), self._statement())
            self._next += 1

    def _begins_operand(self, ahead: int = 0) -> bool:
        token = self._peek(ahead)
        if token.kind is T.NAME:
            return token.text not in _RESERVED or (token.text == "not" and ahead > 0)
        return token.kind in (T.STRING, T.NUMBER) or (token.kind is T.SIGN and token.text == "(")

    def _begins_call(self) -> bool:
        token = self._peek()
        if token.kind is not T.NAME or token.text in _CONSTANTS or token.text in _RESERVED:
            return False
        if self._is_function(0):
            return False  # an operand, after which an expression may go on
        if token.text in self._nullary and not self._continues_expression(1):
            return True
        after = self._peek(1)
        return after.kind is T.OPTION or (self._begins_operand(1) and after.text != "not")

    def _is_function(self, ahead: int) -> bool:
        """Whether `helper(` stands here: the bracket right behind the name."""
        name, bracket = self._peek(ahead), self._peek(ahead + 1)
        is_bracket = bracket.kind is T.SIGN and bracket.text == "("
        return name.kind is T.NAME and is_bracket and bracket.at == name.at + len(name.text)

    def _function(self) -> Call:
        name = self._take()
        self._check_helper(name)
        self._next += 1
        arguments: list[Node] = []
        if not self._is(T.SIGN, ")"):
            self._deeper()
            arguments.append(self._operand())
            while self._accept(T.SIGN, ","):
                arguments.append(self._operand())
            self._depth -= 1
        self._expect(T.SIGN, ")")
        return Call(name.text, tuple(arguments), (), name.at)

    def _check_helper(self, name: Token) -> None:
        if name.text not in self._helpers:
            message = f"there is no helper `{name.text}`{nearest(name.text, self._helpers)}"
            raise error_at(self._source, name.at, message)

    def _continues_expression(self, ahead: int) -> bool:
        token = self._peek(ahead)
        if token.kind is T.NAME:
            return token.text in _WORDED or token.text in ("is", "and", "or", "not")
        return token.kind is T.SIGN and token.text in _COMPARISONS

    def _call(self) -> Node:
        name = self._take()
        self._check_helper(name)
        arguments: list[Node] = []
        options: list[tuple[str, Node]] = []
        while True:
            if self._peek().kind is T.OPTION:
                option = self._take()
                options.append((option.text, self._operand()))
            elif self._begins_operand():
                arguments.append(self._operand())
            else:
                break
        if self._continues_expression(0):
            message = f"put the helper in parentheses: `({name.text} …)`, before {self._peek()}"
            raise error_at(self._source, self._peek().at, message)
        return Call(name.text, tuple(arguments), tuple(options), name.at)

    def _test(self) -> Node:
        self._tests += 1
        node = self.condition(side_by_side=True)
        self._tests -= 1
        return node

    def condition(self, *, side_by_side: bool = False) -> Node:
        parts = [self._conjunct(side_by_side)]
        while self._accept(T.NAME, "or"):
            parts.append(self._conjunct(side_by_side))
        return parts[0] if len(parts) == 1 else Both("or", tuple(parts))

    def _conjunct(self, side_by_side: bool) -> Node:
        parts = [self._negation(side_by_side)]
        while self._accept(T.NAME, "and"):
            parts.append(self._negation(side_by_side))
        return parts[0] if len(parts) == 1 else Both("and", tuple(parts))

    def _negation(self, side_by_side: bool) -> Node:
        if not self._accept(T.NAME, "not"):
            return self._comparison(side_by_side)
        self._deeper()
        node = Not(self._negation(side_by_side))
        self._depth -= 1
        return node

    def _comparison(self, side_by_side: bool) -> Node:
        left = self._operand()
        token = self._peek()
        if token.kind is T.SIGN and token.text in _COMPARISONS:
            self._next += 1
            return Compare(token.text, left, self._operand())
        if self._accept(T.NAME, "is"):
            return self._is_check(left)
        if self._is(T.NAME, "not") and self._peek(1).kind is T.NAME and self._peek(1).text in _WORDED:
            self._next += 1
            return Not(self._worded(left))
        if token.kind is T.NAME and token.text in _WORDED:
            return self._worded(left)
        if side_by_side and self._begins_operand():
            return Compare("==", left, self._operand())
        return left

    def _is_check(self, left: Node) -> Node:
        negated = self._accept(T.NAME, "not")
        token = self._peek()
        if token.kind is not T.NAME or token.text not in ("blank", "valid"):
            raise self._unexpected("`blank` or `valid`")
        self._next += 1
        node = Check(token.text, left, (), token.at)
        return Not(node) if negated else node

    def _worded(self, left: Node) -> Node:
        word = self._take()
        if word.text == "in":
            return Check("in", left, self._list(), word.at)
        if word.text == "between":
            low = self._operand()
            self._expect(T.NAME, "and")
            return Check("between", left, (low, self._operand()), word.at)
        if word.text in ("starts", "ends"):
            self._expect(T.NAME, "with")
        return Check(word.text, left, (self._operand(),), word.at)

    def _list(self) -> tuple[Node, ...]:
        self._expect(T.SIGN, "[")
        items = [self._operand()]
        while self._accept(T.SIGN, ","):
            items.append(self._operand())
        self._expect(T.SIGN, "]")
        return tuple(items)

    def _operand(self) -> Node:
        token = self._peek()
        if token.kind is T.STRING:
            self._next += 1
            return Literal(token.text)
        if token.kind is T.NUMBER:
            self._next += 1
            return Literal(_number(token.text))
        if self._accept(T.SIGN, "("):
            node = self._statement()
            self._expect(T.SIGN, ")")
            return node
        if token.kind is T.NAME and token.text not in _RESERVED:
            if self._is_function(0):
                return self._function()
            self._next += 1
            return _CONSTANTS.get(token.text) or self._path(token)
        raise self._unexpected("a value")

    def _path(self, token: Token) -> Path:
        outside = token.text.startswith("../")
        segments = split_path(token.text.removeprefix("../"))
        is_local = segments[0] == "this" or segments[0].startswith("@")
        if is_local and not self._each:
            raise error_at(self._source, token.at, f"`{segments[0]}` has a meaning only inside `#each`")
        return Path(segments, in_each=self._each > 0 and not outside, at=token.at)


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
