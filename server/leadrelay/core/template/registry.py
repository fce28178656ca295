"""The helpers that templates may call. Adding one is a matter of one decorated function.

    @helper(('{{lowercase "ABC"}}', "abc"))
    def lowercase(value: Value) -> Value:
        \"\"\"In small letters.\"\"\"
        return text(value).lower()

Positional parameters are its arguments, keyword-only ones its options; the docstring and the
examples are its documentation, and the examples are run as tests. A first parameter named `scope`
is handed the scope. A helper that can prepare something from constant arguments is a `prepared`
one: its function runs once, when the template is compiled, and returns what runs per lead.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from leadrelay.core.scope import Read
from leadrelay.core.values import Value, text

Example = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument as a template gives it."""

    read: Read
    constant: bool
    value: Value  # when constant
    label: str  # the path, or empty: what a warning may call it


class BadCall(Exception):
    """A helper refuses its constant arguments. Becomes a TemplateError with a place."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a `prepared` helper gets to work with."""

    arguments: tuple[Argument, ...]
    options: dict[str, Argument]
    path: Callable[[str], Read]  # what reads a path that an argument names in its text

    def constant_option(self, name: str) -> str | None:
        """An option that must be known at compile time, as text; None where it is not given."""
        given = self.options.get(name)
        if given is None:
            return None
        if not given.constant:
            raise BadCall(f"the option `{name}` must be written out in quotes")
        return text(given.value)


@dataclass(frozen=True, slots=True)
class Helper:
    name: str
    function: Callable[..., Any]
    minimum: int  # of arguments
    maximum: int | None  # None: any number
    options: frozenset[str]
    wants_scope: bool
    is_prepared: bool
    summary: str
    examples: tuple[Example, ...]
    choices: Mapping[str, tuple[str, ...]]  # of options that have but a few values: which

    @property
    def takes(self) -> str:
        """In words, for an error: "1 to 3 values"."""
        if self.maximum is None:
            return f"at least {self.minimum} values" if self.minimum != 1 else "at least 1 value"
        if self.minimum == self.maximum:
            return f"{self.minimum} value{'s' * (self.minimum != 1)}"
        return f"{self.minimum} to {self.maximum} values"


HELPERS: dict[str, Helper] = {}
NO_CHOICES: Mapping[str, tuple[str, ...]] = {}


def helper(
    *examples: Example, name: str = "", choices: Mapping[str, tuple[str, ...]] = NO_CHOICES
) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
    """Register a function of values. Its name is the helper's unless `name` says otherwise.

    `choices` are the values of those options that have but a few: they must be written out, and right.
    """

    def register(function: Callable[..., Value]) -> Callable[..., Value]:
        kinds = inspect.Parameter
        parameters = list(inspect.signature(function).parameters.values())
        wants_scope = bool(parameters) and parameters[0].name == "scope"
        positional = [p for p in parameters[wants_scope:] if p.kind is kinds.POSITIONAL_OR_KEYWORD]
        is_open = any(p.kind is kinds.VAR_POSITIONAL for p in parameters)
        _add(
            Helper(
                name=name or function.__name__.rstrip("_"),
                function=function,
                minimum=sum(p.default is kinds.empty for p in positional),
                maximum=None if is_open else len(positional),
                options=frozenset(p.name for p in parameters if p.kind is kinds.KEYWORD_ONLY),
                wants_scope=wants_scope,
                is_prepared=False,
                summary=inspect.getdoc(function) or "",
                examples=examples,
                choices=choices,
            )
        )
        return function

    return register


def prepared(
    *examples: Example, name: str, takes: tuple[int, int | None], options: tuple[str, ...] = ()
) -> Callable[[Callable[[Call], Read]], Callable[[Call], Read]]:
    """Register a function that prepares a call."""

    def register(function: Callable[[Call], Read]) -> Callable[[Call], Read]:
        _add(
            Helper(
                name=name,
                function=function,
                minimum=takes[0],
                maximum=takes[1],
                options=frozenset(options),
                wants_scope=False,
                is_prepared=True,
                summary=inspect.getdoc(function) or "",
                examples=examples,
                choices=NO_CHOICES,
            )
        )
        return function

    return register


def _add(new: Helper) -> None:
    if new.name in HELPERS:
        raise ValueError(f"there are two helpers named {new.name!r}")
    HELPERS[new.name] = new
