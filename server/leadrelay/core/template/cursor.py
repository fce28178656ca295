"""A place in a row of tokens: looking ahead, taking what is expected, and saying what was not there."""

from leadrelay.core.template.errors import TemplateError, error_at, nearest
from leadrelay.core.template.lexer import T, Token

AN_OPERATOR = "an operator or the end"
A_CHECK = "`blank` or `valid`"
MAX_DEPTH = 32  # blocks and parentheses inside each other

_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "="})
# What other languages write, and what it is here.
_ELSEWHERE = {"=": "==", "<>": "!=", "!": "not", "&&": "and", "||": "or", "|": "or"} | {
    "equals": "==",
    "eq": "==",
    "ne": "!=",
    "gt": ">",
    "gte": ">=",
    "lt": "<",
    "lte": "<=",
    "like": "contains",
    "startswith": "starts with",
    "starts_with": "starts with",
    "endswith": "ends with",
    "ends_with": "ends with",
    "exists": "is not blank",
    "null": "blank",
    "empty": "blank",
}
_SMALL = frozenset({"and", "or", "not", "in", "is", "between", "matches", "contains", "starts", "ends"})


class Cursor:
    """Reads the tokens of one source from left to right."""

    def __init__(self, source: str, tokens: list[Token]) -> None:
        self.source, self.tokens, self.place = source, tokens, 0
        self.depth = 0

    def peek(self, ahead: int = 0) -> Token:
        return self.tokens[min(self.place + ahead, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.peek()
        self.place += 1
        return token

    def at(self, kind: T, text: str, ahead: int = 0) -> bool:
        token = self.peek(ahead)
        return token.kind is kind and token.text == text

    def accept(self, kind: T, text: str) -> bool:
        if self.at(kind, text):
            self.place += 1
            return True
        return False

    def expect(self, kind: T, text: str) -> None:
        if not self.accept(kind, text):
            raise self.unexpected(f"`{text}`")

    def close(self) -> None:
        if self.peek().kind is not T.CLOSE:
            raise self.unexpected("`}}`")
        self.place += 1

    def expect_end(self) -> None:
        if self.peek().kind is T.OPEN:
            sign, name = self.peek().text, self.peek(1).text
            raise error_at(self.source, self.peek().at, f"`{{{{{sign}{name}}}}}` without its beginning")
        if self.peek().kind is not T.END:
            raise self.unexpected(AN_OPERATOR)

    def unexpected(self, wanted: str) -> TemplateError:
        token = self.peek()
        hint = ""
        before, after = self.tokens[max(self.place - 1, 0)], self.peek(1)
        if token.text == "|" and after.kind is T.NAME:
            hint = f"; a helper comes first: write `{after.text} …`"
        elif token.text == "," and before.kind is after.kind is T.NUMBER:
            hint = f"; write {before.text}{after.text}, without separators"
        elif word := _in_small_letters(token) or (self.place and _in_small_letters(before)):
            hint = f"; write `{word}`"
        elif token.kind in (T.STRING, T.NUMBER) and before.kind is T.NAME and wanted == AN_OPERATOR:
            hint = "; write `==` between the two"
        elif token.text == "=" and after.text in ("<", ">"):
            hint = f"; write `{after.text}=`"
        elif token.text in _COMPARISONS and before.text in ("and", "or"):
            hint = "; say again what is compared"
        elif token.text in _COMPARISONS - {"="} and wanted == AN_OPERATOR:
            hint = "; write two comparisons with `and`, or `between`"
        elif token.text in _ELSEWHERE and (token.kind is T.SIGN or wanted in (AN_OPERATOR, A_CHECK)):
            hint = f"; write `{_ELSEWHERE[token.text]}`"
        elif token.text == "(" and wanted == "`[`":
            hint = "; write `[` and `]` round a list"
        elif token.kind is T.NAME and "`" in wanted:
            words = [word for word in wanted.split("`")[1::2] if word.isalpha()]
            # `if a thn b` reads `thn` as a value
            hint = nearest(token.text, words) or (before.kind is T.NAME and nearest(before.text, words)) or ""
        return error_at(self.source, token.at, f"expected {wanted} but found {token}{hint}")

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise error_at(self.source, self.peek().at, f"nested more than {MAX_DEPTH} levels deep")


def _in_small_letters(token: Token) -> str:
    """The word of the language that stands there in capitals; empty where none does."""
    word = token.text.lower()
    return word if token.kind is T.NAME and word in _SMALL and word != token.text else ""
