"""From the text of a path to its segments."""

import re

from leadrelay.core.reading.jsonpath.evaluating import Segment, Select, every, member, part, place
from leadrelay.core.reading.jsonpath.filters import (
    NOTHING,
    BadPath,
    Holds,
    Operand,
    compared,
    filtered,
    from_here,
    from_root,
    is_there,
    length,
    searching,
)

MAX_PATH = 1000  # characters
MAX_NESTING = 20  # of a filter

_NAME = re.compile(r"[^.\[\]'\"*?()]+")
_NAME_IN_FILTER = re.compile(r"[^\s.\[\]'\"*?()=!<>&|,~]+")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_SLICE = re.compile(r"\s*(-?[0-9]{1,9})?\s*:\s*(-?[0-9]{1,9})?\s*(?::\s*(-?[0-9]{1,9})?\s*)?")
_INDEX = re.compile(r"\s*(-?[0-9]{1,9})\s*")
_ESCAPE = re.compile(r"\\(.)")
_BLANKS = re.compile(r"\s*")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"(true|false|null)\b")
_FUNCTION = re.compile(r"(length|count|value|match|search)\s*\(")
_SIGN = re.compile(r"==|!=|<=|>=|=~|<|>")
_REGEX = re.compile(r"/((?:[^/\\]|\\.)+)/i?")
_CONSTANTS = {"true": True, "false": False, "null": None}


def segments_of(path: str) -> tuple[Segment, ...]:
    """The segments of a path, with or without `$` in front. Raises BadPath."""
    scanner = _Scanner(path)
    first = () if scanner.skip("$") else (scanner.segment(),)
    found = (*first, *scanner.segments())
    if scanner.at < len(path):
        raise scanner.cannot_read()
    return found


class _Scanner:
    """Reads a path from left to right."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_PATH:
            raise BadPath(f"a path may have {MAX_PATH} characters")
        self.text, self.at = text, 0
        self.depth = 0  # of filters and parentheses

    def cannot_read(self) -> BadPath:
        rest = self.text[self.at : self.at + 12]
        return BadPath(f"cannot read `{self.text}` from `{rest}` on" if rest else f"`{self.text}` breaks off")

    def skip(self, words: str) -> bool:
        if self.text.startswith(words, self.at):
            self.at += len(words)
            return True
        return False

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
        return found

    def segments(self, *, in_filter: bool = False) -> tuple[Segment, ...]:
        """As many segments as there are."""
        found: list[Segment] = []
        while self.text[self.at : self.at + 1] in (".", "["):
            is_deep = self.skip("..")
            if not is_deep:
                self.skip(".")
            found.append(self.segment(is_deep, in_filter=in_filter))
        return tuple(found)

    def segment(self, is_deep: bool = False, *, in_filter: bool = False) -> Segment:
        """One segment, behind its dots."""
        if self.skip("["):
            return self._brackets(is_deep)
        if self.skip("*"):
            return Segment((every,), is_deep)
        quoted = self.match(_QUOTED)
        if quoted is None:
            name = self.match(_NAME_IN_FILTER if in_filter else _NAME)
            if name is None:
                raise self.cannot_read()
            return _plain(name[0].strip(), is_deep)
        return _plain(_text_in(quoted), is_deep)

    def _brackets(self, is_deep: bool) -> Segment:
        names: list[str | None] = []
        selectors: list[Select] = []
        while True:
            name, selector = self._selector()
            names.append(name)
            selectors.append(selector)
            self._blanks()
            if self.skip("]"):
                break
            if not self.skip(","):
                raise self.cannot_read()
        is_plain = len(names) == 1 and not is_deep
        return Segment(tuple(selectors), is_deep, names[0] if is_plain else None)

    def _selector(self) -> tuple[str | None, Select]:
        self._blanks()
        if self.skip("*"):
            return None, every
        if self.skip("?"):
            return None, filtered(_Filter(self).either())
        if (quoted := self.match(_QUOTED)) is not None:
            return _text_in(quoted), member(_text_in(quoted))
        if (sliced := self.match(_SLICE)) is not None:
            return None, part(*(None if each is None else int(each) for each in sliced.groups()))
        if (index := self.match(_INDEX)) is not None:
            number = int(index[1])
            return str(number) if number >= 0 else None, place(number)
        raise self.cannot_read()

    def _blanks(self) -> None:
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1


def _plain(name: str, is_deep: bool) -> Segment:
    return Segment((member(name),), is_deep, None if is_deep else name)


def _text_in(quoted: re.Match[str]) -> str:
    """What a quoted text says."""
    return _ESCAPE.sub(r"\1", quoted[1] if quoted[1] is not None else quoted[2])


class _Filter:
    def __init__(self, scanner: _Scanner) -> None:
        self._scanner = scanner

    def _skip(self, words: str) -> bool:
        self._scanner.match(_BLANKS)
        return self._scanner.skip(words)

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        self._scanner.match(_BLANKS)
        return self._scanner.match(pattern)

    def either(self) -> Holds:
        self._scanner.depth += 1
        if self._scanner.depth > MAX_NESTING:
            raise BadPath(f"a filter is nested more than {MAX_NESTING} levels deep")
        tests = [self._both()]
        while self._skip("||"):
            tests.append(self._both())
        self._scanner.depth -= 1
        return tests[0] if len(tests) == 1 else lambda walk, value: any(test(walk, value) for test in tests)

    def _both(self) -> Holds:
        tests = [self._test()]
        while self._skip("&&"):
            tests.append(self._test())
        return tests[0] if len(tests) == 1 else lambda walk, value: all(test(walk, value) for test in tests)

    def _test(self) -> Holds:
        is_denied = False
        while self._skip("!"):
            is_denied = not is_denied
        test = self._one()
        return (lambda walk, value: not test(walk, value)) if is_denied else test

    def _one(self) -> Holds:
        if self._skip("("):
            inner = self.either()
            if not self._skip(")"):
                raise self._scanner.cannot_read()
            return inner
        left = self._operand()
        sign = self._match(_SIGN)
        if sign is None:
            return lambda walk, value: is_there(left(walk, value))
        if sign[0] == "=~":
            return self._matched(left)
        return compared(sign[0], left, self._operand())

    def _operand(self) -> Operand:
        scanner = self._scanner
        if self._skip("@"):
            return from_here(scanner.segments(in_filter=True))
        if self._skip("$"):
            return from_root(scanner.segments(in_filter=True))
        if (function := self._match(_FUNCTION)) is not None:
            return self._called(function[1])
        if (quoted := self._match(_QUOTED)) is not None:
            words = _text_in(quoted)
            return lambda *_: words
        if (number := self._match(_NUMBER)) is not None:
            amount = float(number[0]) if set(number[0]) & set(".eE") else int(number[0])
            return lambda *_: amount
        if (word := self._match(_WORD)) is not None:
            constant = _CONSTANTS[word[1]]
            return lambda *_: constant
        raise scanner.cannot_read()

    def _called(self, name: str) -> Operand:
        """A function of one operand, of which two take a pattern besides, in quotes."""
        given, pattern = self._operand(), ""
        if name in ("match", "search"):
            if not self._skip(","):
                raise self._scanner.cannot_read()
            pattern = self._pattern()
        if not self._skip(")"):
            raise self._scanner.cannot_read()
        if name == "value":
            return given
        if name in ("length", "count"):
            return lambda walk, value: length(given(walk, value))
        holds = searching(pattern, is_whole=name == "match")
        return lambda walk, value: holds(given(walk, value)) or NOTHING

    def _pattern(self) -> str:
        quoted = self._match(_QUOTED)
        if quoted is None:
            raise self._scanner.cannot_read()
        return _text_in(quoted)

    def _matched(self, left: Operand) -> Holds:
        """`=~`, which is no part of the standard and of most other readers of JSONPath."""
        found = self._match(_REGEX)
        holds = searching(self._pattern() if found is None else found[1].replace("\\/", "/"))
        return lambda walk, value: holds(left(walk, value))
