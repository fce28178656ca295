"""What a template makes of sensitive fields is as sensitive as they are (behaviour 9).

A hash, the last four digits or another notation of a value is not the value, so it cannot be found by
looking for that. Therefore the tags that read a sensitive field are known by their place: `***` stands for
each in whatever is recorded, and what they print is hidden wherever a recipient repeats it.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from leadrelay.core.masking import MASK, is_sensitive, texts_in
from leadrelay.core.scope import Read, Scope
from leadrelay.core.template.closures import Builder
from leadrelay.core.template.comparing import Test
from leadrelay.core.template.rendering import ReadText, rounds_of
from leadrelay.core.template.syntax import Choice, Each, Joined, Literal, Node, Print
from leadrelay.core.values import Types, Value, is_blank, text


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag that reads a sensitive field."""

    read: Read
    own_words: frozenset[str]  # those that stand in the template: to print one of them tells no value
    inner: "Telling | None" = None  # for a block: what the tags in it tell, one by one

    def shown(self, scope: Scope) -> str:
        """`***`, or nothing where the tag prints nothing."""
        return "" if is_blank(self.read(scope)) else MASK

    def told(self, scope: Scope) -> Iterator[str]:
        """What it makes of the lead."""
        for words in texts_in(self.read(scope)):
            if words and words not in self.own_words:
                yield words
        if self.inner is not None:
            yield from self.inner(scope)


@dataclass(frozen=True, slots=True)
class Taint:
    """All of them in one template, and how the template may be shown."""

    pieces: tuple[Tag | ReadText, ...]

    def shown(self, scope: Scope) -> str:
        """The template with `***` for what its tags print."""
        printed = [piece.shown(scope) if isinstance(piece, Tag) else piece(scope) for piece in self.pieces]
        return "".join(printed).strip()

    def told(self, scope: Scope) -> list[str]:
        """What the tags make of the lead. It leaves no trace in the scope."""
        warnings, steps = len(scope.warnings), scope.steps
        try:
            texts = [text for piece in self.pieces if isinstance(piece, Tag) for text in piece.told(scope)]
            return texts if len(self.pieces) == 1 else [*texts, *self._words(scope)]
        finally:
            del scope.warnings[warnings:]
            scope.steps = steps

    def _words(self, scope: Scope) -> Iterator[str]:
        """The words that tags are only a part of, such as `A{{pin}}` or one tag right behind another."""
        spans, whole = [], ""
        for piece in self.pieces:
            begun, printed = len(whole), text(piece.read(scope)) if isinstance(piece, Tag) else piece(scope)
            whole += printed
            if isinstance(piece, Tag) and printed:
                spans.append((begun, len(whole)))
        for word in _WORD.finditer(whole):
            touched = [(begun, end) for begun, end in spans if begun < word.end() and end > word.start()]
            if touched and not any(begun <= word.start() and word.end() <= end for begun, end in touched):
                yield word[0]


Telling = Callable[[Scope], Iterable[str]]

_WORD = re.compile(r"[0-9A-Za-z]+")


def taint_of(
    tree: Node, build: Callable[[], Builder], types: Types, sensitive: Collection[str]
) -> Taint | None:
    """The taint of a parsed template; None where it reads no sensitive field. `build` begins a builder."""
    return _Tainting(build, types, sensitive).of(tree)


class _Tainting:
    """Finds the tags of one template that read sensitive fields."""

    def __init__(self, build: Callable[[], Builder], types: Types, sensitive: Collection[str]) -> None:
        self._build, self._types, self._sensitive = build, types, sensitive

    def of(self, tree: Node) -> Taint | None:
        parts = tree.parts if isinstance(tree, Joined) else (tree,)
        pieces = [self._tag(part) or self._build().text(part) for part in parts]
        return Taint(tuple(pieces)) if any(isinstance(piece, Tag) for piece in pieces) else None

    def _tag(self, node: Node) -> Tag | None:
        node = node.value if isinstance(node, Print) else node
        builder = Builder("", self._types)
        read = builder.value(node)
        if not any(is_sensitive(".".join(path), self._sensitive) for path in builder.named):
            return None
        return Tag(read, frozenset(_literals(node)), self._inner(node))

    def _inner(self, node: Node) -> Telling | None:
        """A recipient repeats one hash of a block, and hardly ever all that the block prints."""
        if isinstance(node, Each):
            items, body = Builder("", self._types).value(node.items), self.of(node.body)
            return None if body is None else lambda scope: _told_in_turn(scope, items(scope), body)
        if isinstance(node, Choice):
            arms = [(Builder("", self._types).test(test), self.of(then)) for test, then in node.branches]
            otherwise = self.of(node.otherwise)
            return lambda scope: _told_by_choice(scope, arms, otherwise)
        return None


def _told_in_turn(scope: Scope, items: Value, body: Taint) -> Iterator[str]:
    for frame in rounds_of(items):
        scope.locals.append(frame)
        try:
            yield from body.told(scope)
        finally:
            scope.locals.pop()


def _told_by_choice(
    scope: Scope, arms: Sequence[tuple[Test, Taint | None]], otherwise: Taint | None
) -> Iterable[str]:
    chosen = next((then for holds, then in arms if holds(scope)), otherwise)
    return () if chosen is None else chosen.told(scope)


def _literals(node: Any) -> Iterator[str]:
    """The texts and numbers that stand in a tag."""
    if isinstance(node, Literal):
        yield text(node.value)
    elif isinstance(node, tuple):
        for part in node:
            yield from _literals(part)
    elif is_dataclass(node):
        for field in fields(node):
            yield from _literals(getattr(node, field.name))
