"""From a lead to what one recipient is sent: ordered rules, compiled once (behaviour 3.3).

Rules apply in order and a later one wins, except that a blank result never takes the place of a
value. One failing rule never hides the rest: everything that is missing or wrong is told at once.
The payload keeps paths as written; what they mean is the body's business (`core.encoding`).
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from leadrelay.core.condition import Condition, compile_condition
from leadrelay.core.encoding.payload import MAX_SEGMENTS, Payload, is_nested
from leadrelay.core.fates import Notes
from leadrelay.core.making import CONTAINERS, Making, ReadyRule, ReadyValue, Run, runs_of
from leadrelay.core.masking import MASK, Texts, spellings
from leadrelay.core.passing import Passing, passing
from leadrelay.core.scope import Scope
from leadrelay.core.template import TemplateError, TemplateKind, compile_template
from leadrelay.core.template.rendering import constant
from leadrelay.core.values import ABSENT, MAX_EXACT, NO_TYPES, NotCompiled, Problem, Types, Value, is_blank

MAX_RULES = 1000
MAX_PATH = 256  # characters
PASSED: Final = -1  # stands for the rule of a field that was passed through


class Empty(StrEnum):
    """What a blank does to the payload."""

    OMIT = "omit"
    SEND = "send"  # as ""
    NULL = "null"


_SENT_FOR_BLANK = {Empty.OMIT: ABSENT, Empty.SEND: "", Empty.NULL: None}


class PassThrough(StrEnum):
    """Which lead fields are sent under their own names."""

    LISTED = "listed"  # only what the mapping lists
    ALL = "all"  # every one, sensitive ones only if listed


@dataclass(frozen=True, slots=True)
class Rule:
    """One value of the payload, as a catalog says it."""

    to: str
    value: Value = ABSENT  # a template, number, boolean, null or list
    when: str = ""
    default: Value = ABSENT
    required: bool = False
    empty: Empty = Empty.OMIT


@dataclass(slots=True)
class Mapped:
    """What a mapping made of one lead."""

    payload: Payload
    missing: tuple[str, ...]  # required paths with nothing to send
    problems: tuple[str, ...]  # rules that broke a limit
    warnings: tuple[str, ...]
    given: dict[str, int]  # which rule gave each path its value; PASSED for a field passed through
    derived: Texts  # what rules made of sensitive fields, to be hidden wherever it is repeated
    _sensitive_rules: frozenset[int]

    @property
    def is_complete(self) -> bool:
        """Whether the payload may be sent."""
        return not self.missing and not self.problems

    @property
    def has_sensitive(self) -> bool:
        """Whether a record of the payload must differ from what is sent."""
        return not self._sensitive_rules.isdisjoint(self.given.values()) if self._sensitive_rules else False

    def masked_payload(self) -> Payload:
        """The payload as it may be recorded: `***` for what came from sensitive fields."""
        hidden = self._sensitive_rules
        shown = Payload(
            (path, MASK if self.given[path] in hidden and not is_blank(value) else value)
            for path, value in self.payload.items()
        )
        shown.is_flat = self.payload.is_flat
        return shown


_Pass = Callable[[Scope, Payload, dict[str, int], Notes | None], None]


@dataclass(frozen=True, slots=True)
class Mapping:
    """A compiled mapping."""

    warnings: tuple[Problem, ...]
    fields: frozenset[str]  # the lead fields it may read; with pass-through it reads all
    rules: tuple[Rule, ...]  # as the catalog says them
    conditions: tuple[Condition | None, ...]  # one for each rule
    types: Types
    paths: tuple[str, ...]  # where its rules lead, for the body to check; each once
    _rules: tuple[ReadyRule, ...]
    _runs: tuple[Run, ...]
    _pass: _Pass | None
    _sensitive_rules: frozenset[int]
    _is_flat: bool

    def apply(self, scope: Scope, notes: Notes | None = None) -> Mapped:
        """The payload for one lead. Given `notes`, it is written there how each rule fared."""
        making = Making(self._rules, scope, notes)
        payload, given = making.payload, making.given
        payload.is_flat = self._is_flat
        seen = len(scope.warnings)
        if self._pass is not None:
            self._pass(scope, payload, given, notes)
        making.follow(self._runs)
        missing = self._missing(making.wanted, payload, given) if making.wanted else ()
        warnings = tuple(scope.warnings[seen:])
        derived = self._derived(scope, given) if self._sensitive_rules else ()
        return Mapped(
            payload, missing, tuple(making.problems), warnings, given, derived, self._sensitive_rules
        )

    def _derived(self, scope: Scope, given: dict[str, int]) -> Texts:
        """What the sensitive rules that gave something made of the lead."""
        rules = [self._rules[index] for index in self._sensitive_rules.intersection(given.values())]
        told = tuple([one for rule in rules for template in rule.templates for one in template.told(scope)])
        spelled = scope.known.spelled
        if told not in spelled:  # most often the lead's other destinations are told the same
            spelled[told] = spellings(told)
        return spelled[told]

    def _missing(self, wanted: list[str], payload: Payload, given: dict[str, int]) -> tuple[str, ...]:
        """The required paths that no other rule gave something either."""

        def is_sent(to: str) -> bool:
            if to not in payload:
                return False
            index = given[to]
            return not is_blank(payload[to]) or (index != PASSED and self._rules[index].value.is_explicit)

        return tuple(to for to in dict.fromkeys(wanted) if not is_sent(to))


def compile_mapping(
    rules: Sequence[Rule],
    *,
    pass_through: PassThrough = PassThrough.LISTED,
    sensitive: Collection[str] = (),
    types: Types = NO_TYPES,
) -> Mapping:
    """The mapping of these rules. Raises NotCompiled with everything that is wrong with them."""
    hidden = frozenset(sensitive)
    compiler = _Compiler(types, hidden)
    ready = [compiler.rule(index, rule) for index, rule in enumerate(rules[:MAX_RULES])]
    if len(rules) > MAX_RULES:
        compiler.complain(None, "mapping", f"has {len(rules)} rules; the most is {MAX_RULES}")
    if compiler.problems:
        raise NotCompiled(tuple(compiler.problems))
    compiled = [each for each in ready if each is not None]
    return Mapping(
        warnings=(),
        fields=frozenset().union(*(fields for _, _, fields in compiled)),
        rules=tuple(rules),
        conditions=tuple(condition for _, condition, _ in compiled),
        types=types,
        paths=tuple(dict.fromkeys(rule.to for rule, _, _ in compiled)),
        _rules=tuple(rule for rule, _, _ in compiled),
        _runs=tuple(runs_of((rule, condition) for rule, condition, _ in compiled)),
        _pass=_passing(passing(hidden, types)) if pass_through is PassThrough.ALL else None,
        _sensitive_rules=frozenset(index for index, (rule, _, _) in enumerate(compiled) if rule.templates),
        _is_flat=not any(is_nested(rule.to) for rule, _, _ in compiled),
    )


def _sent_fields(rule: ReadyRule) -> frozenset[str]:
    return rule.value.fields | (rule.default.fields if rule.default else frozenset())


class _Compiler:
    def __init__(self, types: Types, sensitive: frozenset[str]) -> None:
        self._types, self._sensitive = types, sensitive
        self.problems: list[Problem] = []

    def complain(self, index: int | None, part: str, message: str) -> None:
        self.problems.append(Problem(index, part, message))

    def rule(self, index: int, rule: Rule) -> tuple[ReadyRule, Condition | None, frozenset[str]] | None:
        before = len(self.problems)
        self._check_path(index, rule.to)
        condition = self._condition(index, rule.when)
        value = self._value(index, "value", rule.value)
        default = self._value(index, "default", rule.default)
        if value is None and default is None and len(self.problems) == before:
            self.complain(index, "value", "is missing; give a template, number, boolean, null or list")
        if len(self.problems) > before:
            return None
        ready = ReadyRule(rule.to, value or _NOTHING, default, rule.required, _SENT_FOR_BLANK[rule.empty])
        fields = _sent_fields(ready) | (condition.fields if condition else frozenset())
        return ready, condition, fields

    def _check_path(self, index: int, to: str) -> None:
        if not to or to.isspace():
            self.complain(index, "to", "is empty; name a path in the payload, such as `contact.email`")
        elif len(to) > MAX_PATH:
            self.complain(index, "to", f"is longer than {MAX_PATH} characters")
        elif to.startswith(".") or to.endswith(".") or ".." in to:
            self.complain(index, "to", f"`{to}` has an empty segment; segments stand between single dots")
        elif to.count(".") >= MAX_SEGMENTS:
            self.complain(index, "to", f"is nested more than {MAX_SEGMENTS} levels deep")
        elif "{{" in to:
            self.complain(index, "to", f"`{to}` is a path and not a template; put the template in `value`")

    def _condition(self, index: int, when: str) -> Condition | None:
        if not when:
            return None
        try:
            return compile_condition(when, self._types)
        except TemplateError as error:
            self.complain(index, "when", str(error))
            return None

    def _value(self, index: int, part: str, value: Value) -> ReadyValue | None:
        if value is ABSENT:
            return None
        if isinstance(value, list | tuple):
            items = [self._value(index, f"{part}[{place}]", item) for place, item in enumerate(value)]
            return self._list([item for item in items if item is not None])
        try:
            return self._read(value)
        except (TemplateError, _Unusable) as error:
            self.complain(index, part, str(error))
            return None

    def _read(self, value: Value) -> ReadyValue:
        if isinstance(value, str):
            template = compile_template(value, self._types, sensitive=self._sensitive)
            is_explicit = template.kind is TemplateKind.LITERAL
            tainted = (template,) if template.taint else ()
            return ReadyValue(template.read, is_explicit, template.fields, template.field, tainted)
        if value is not None and not isinstance(value, bool | int | float | Decimal):
            raise _Unusable("is an object; write one rule for each member, with a dotted path")
        if isinstance(value, float) and value.is_integer() and abs(value) < MAX_EXACT:
            value = int(value)  # a catalog knows only floats, and 5 is meant as 5
        return ReadyValue(constant(value), True, frozenset())

    def _list(self, items: list[ReadyValue]) -> ReadyValue:
        fields = frozenset[str]().union(*(item.fields for item in items))

        def read(scope: Scope) -> Value:
            found = [(item, item.read(scope)) for item in items]
            return [value for item, value in found if item.is_explicit or not is_blank(value)]

        tainted = tuple(template for item in items for template in item.templates)
        return ReadyValue(read, all(item.is_explicit for item in items), fields, templates=tainted)


class _Unusable(Exception):
    """A value of a kind that a rule cannot have."""


_NOTHING = ReadyValue(constant(None), False, frozenset())


def _passing(passed: Passing) -> _Pass:
    """Puts into a payload what is passed through."""

    def put(scope: Scope, payload: Payload, given: dict[str, int], notes: Notes | None) -> None:
        for name, value in passed(scope, [] if notes is None else notes.withheld):
            if isinstance(value, CONTAINERS) or is_nested(name):
                payload.is_flat = False
            payload[name] = value
            given[name] = PASSED

    return put
