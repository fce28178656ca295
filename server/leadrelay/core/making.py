"""A payload in the making: what remains of a mapping's rules to be done for each lead.

This is run for every delivery, so whatever can be decided when a catalog is compiled has been: a rule is
a function of the lead and knows what its blank comes to, and rules that follow each other run together.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Final

from leadrelay.core.condition import Condition
from leadrelay.core.encoding.payload import Payload
from leadrelay.core.fates import Fate, Notes
from leadrelay.core.scope import Read, Scope
from leadrelay.core.template import Template, TemplateFault
from leadrelay.core.values import ABSENT, Value, is_blank, is_plain

CONTAINERS: Final = (list, dict, tuple)  # what makes a payload more than flat


@dataclass(frozen=True, slots=True)
class ReadyValue:
    """A rule's `value` or `default`, ready to read."""

    read: Read
    is_explicit: bool  # stands in the catalog as it is, so that even "" and null are meant
    fields: frozenset[str]
    field: str | None = None  # when it is one bare name: the commonest rule has a short cut
    templates: tuple[Template, ...] = ()  # those that read sensitive fields


@dataclass(frozen=True, slots=True)
class ReadyRule:
    """A rule ready to run."""

    to: str
    value: ReadyValue
    default: ReadyValue | None
    required: bool
    blank: Value  # what is sent for a blank, "" or null; ABSENT: nothing

    @property
    def templates(self) -> tuple[Template, ...]:
        """Those that read sensitive fields."""
        return self.value.templates + (self.default.templates if self.default else ())

    def instead(self, value: Value, scope: Scope, payload: Payload) -> tuple[Fate, Value]:
        """What a blank result comes to: itself if meant, the default, what `empty` says, or nothing."""
        if self.value.is_explicit:
            return Fate.VALUE, value
        if self.default is not None:
            default = self.default.read(scope)
            if self.default.is_explicit or not is_blank(default):
                return Fate.DEFAULT, default
        if self.required or self.blank is ABSENT or self.to in payload:
            return Fate.BLANK, None
        return Fate.EMPTY, self.blank


_Step = tuple[Callable[[Scope], bool] | None, Read, str, int]


@dataclass(frozen=True, slots=True)
class Run:
    """Rules that follow each other: all of them bare names without a condition, or none of them.

    Bare names are the commonest rules. Once all of a run are known of a lead they are had in one go.
    """

    steps: tuple[_Step, ...]
    fetch: Callable[[dict[str, Value]], tuple[Value, ...]] | None = None  # KeyError: not all are known
    paths: tuple[str, ...] = ()
    given: dict[str, int] = field(default_factory=dict)


def runs_of(rules: Iterable[tuple[ReadyRule, Condition | None]]) -> Iterator[Run]:
    """Rules in order, each with its condition, as the runs that they make."""
    numbered = ((index, rule, condition) for index, (rule, condition) in enumerate(rules))
    for are_bare, group in groupby(numbered, lambda one: one[1].value.field is not None and one[2] is None):
        together = list(group)
        steps = tuple(
            (condition.holds if condition else None, rule.value.read, rule.to, index)
            for index, rule, condition in together
        )
        if not are_bare or len(together) == 1:  # of a single name, itemgetter makes no tuple
            yield Run(steps)
            continue
        names = [rule.value.field or "" for _, rule, _ in together]
        given = {rule.to: index for index, rule, _ in together}
        yield Run(steps, itemgetter(*names), tuple(rule.to for _, rule, _ in together), given)


class Making:
    """One payload, of one lead."""

    __slots__ = ("given", "notes", "payload", "problems", "rules", "scope", "wanted")

    def __init__(self, rules: tuple[ReadyRule, ...], scope: Scope, notes: Notes | None) -> None:
        """Given `notes`, it is written there how each rule fared."""
        self.rules, self.scope, self.notes = rules, scope, notes
        self.payload = Payload()
        self.given: dict[str, int] = {}  # which rule gave each path its value
        self.wanted: list[str] = []  # required paths of rules that gave nothing
        self.problems: list[str] = []  # rules that broke a limit

    def follow(self, runs: tuple[Run, ...]) -> None:
        """All that rules give, in order."""
        known = self.scope.values
        for run in runs:
            if run.fetch is not None:
                try:
                    self.payload.update(zip(run.paths, run.fetch(known), strict=True))
                except KeyError:  # one is not known yet, or is no text or number that may be sent
                    pass
                else:
                    self.given.update(run.given)
                    continue
            self._one_by_one(run.steps)

    def _one_by_one(self, steps: tuple[_Step, ...]) -> None:
        scope, notes = self.scope, self.notes
        for holds, read, to, index in steps:
            if holds is not None and not holds(scope):
                if notes is not None:
                    notes.rules[index] = Fate.CONDITION_FALSE
                continue
            try:
                value = read(scope)
                if not is_plain(value):
                    value = self._unplain(value, index)
                    if value is ABSENT:
                        continue
            except TemplateFault as fault:
                self.problems.append(f"{to}: {fault}")
                if notes is not None:
                    notes.rules[index], notes.faults[index] = Fate.FAILED, str(fault)
                continue
            self.payload[to] = value
            self.given[to] = index

    def _unplain(self, value: Value, index: int) -> Value:
        """What a rule gives whose result is blank, a list or an object; ABSENT: nothing."""
        if is_blank(value):
            rule = self.rules[index]
            fate, value = rule.instead(value, self.scope, self.payload)
            if self.notes is not None:
                self.notes.rules[index] = fate
            if fate is Fate.BLANK:
                if rule.required:
                    self.wanted.append(rule.to)
                return ABSENT
        if isinstance(value, CONTAINERS):
            self.payload.is_flat = False
        return value
