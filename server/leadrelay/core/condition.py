"""Conditions in the expression language of behaviour 3.2: whether a rule applies, where a lead goes.

A condition never fails: a missing value is null, and what cannot be compared does not hold. It can
say why it did or did not hold, with sensitive values masked.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from leadrelay.core.masking import MASK, is_sensitive
from leadrelay.core.scope import Read, Scope, field_of
from leadrelay.core.template import HELPERS, NULLARY, TemplateFault
from leadrelay.core.template.closures import Builder
from leadrelay.core.template.moments import from_epoch
from leadrelay.core.template.parser import parse_condition
from leadrelay.core.values import NO_TYPES, Types, is_blank, text

MAX_SHOWN_VALUE = 40  # characters of one value
MAX_EXPLANATION = 256  # characters; span attributes worth searching are no longer
LEAST_OF_SOURCE = 96  # characters of it that stay, however much the values say


@dataclass(frozen=True, slots=True)
class _Shown:
    label: str
    field: str
    read: Read


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition."""

    source: str
    holds: Callable[[Scope], bool]
    paths: frozenset[str]  # as written
    fields: frozenset[str]  # the lead fields it may read
    asked: frozenset[tuple[str, ...]]  # the paths, by segments
    against: frozenset[str]  # bare names that something is compared with
    _shown: tuple[_Shown, ...]
    _asks_time: bool

    def explain(self, scope: Scope, sensitive: Collection[str] = ()) -> str:
        """The condition with the values that decided it: "amount > 5 (amount is 3)"."""
        values = [f"{one.label} is {_display(one, scope, sensitive)}" for one in self._shown]
        if self._asks_time and scope.now is not None:
            values.append(f"now is {from_epoch(scope.now).isoformat(timespec='seconds')}")
        decided = f" ({', '.join(values)})" if values else ""
        # A list of fifty states is cut before the one state that decided.
        source = _cut(self.source, max(MAX_EXPLANATION - len(decided), LEAST_OF_SOURCE))
        return _cut(source + decided, MAX_EXPLANATION)


def compile_condition(source: str, types: Types = NO_TYPES) -> Condition:
    """The condition in a text. Raises TemplateError with line, column and what was expected."""
    builder = Builder(source, types)
    test = builder.test(parse_condition(source, HELPERS, NULLARY))
    shown = tuple(_Shown(".".join(path), field_of(path), read) for path, read in builder.paths.items())
    return Condition(
        source=" ".join(source.split()),
        holds=test if not builder.has_calls else _unfailing(test),
        paths=frozenset(one.label for one in shown),
        fields=frozenset(one.field for one in shown),
        asked=frozenset(builder.asked),
        against=frozenset(builder.against),
        _shown=shown,
        _asks_time=builder.asks_time,
    )


def _unfailing(test: Callable[[Scope], bool]) -> Callable[[Scope], bool]:
    def holds(scope: Scope) -> bool:
        try:
            return test(scope)
        except TemplateFault as fault:
            scope.warnings.append(f"a condition does not hold: {fault}")
            return False

    return holds


def _display(one: _Shown, scope: Scope, sensitive: Collection[str]) -> str:
    value = one.read(scope)
    if value is None:
        return "missing"
    if is_sensitive(one.label, sensitive):
        return MASK
    return "blank" if is_blank(value) else _cut(text(value), MAX_SHOWN_VALUE)


def _cut(words: str, limit: int) -> str:
    return words if len(words) <= limit else words[: limit - 1] + "…"
