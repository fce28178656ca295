"""Checks a reading and readies it; everything that is wrong with it is told at once."""

from collections.abc import Iterator, Sequence

from leadrelay.core.outcome import Kind
from leadrelay.core.reading.codes import Codes, compile_code
from leadrelay.core.reading.finding import BadPlace, Find, compile_place, kept_whole
from leadrelay.core.reading.kept import MAX_WORDS
from leadrelay.core.reading.leadconduit import compile_leadconduit
from leadrelay.core.reading.matching import BadMatch, Holds, compile_match
from leadrelay.core.reading.protocol import Reading
from leadrelay.core.reading.reaching import contradicts_itself, decided_before
from leadrelay.core.reading.reading import ReadyRule, RuledReading, ready_reason
from leadrelay.core.reading.spec import CodeRule, Match, ReadingRule, ReadingSpec
from leadrelay.core.reading.traps import trap_in, trap_of
from leadrelay.core.template.pattern import compile_pattern
from leadrelay.core.values import NotCompiled, Problem

MAX_RULES = 200
_DECIDABLE = frozenset({Kind.SUCCESS, Kind.HARD_REJECT, Kind.SOFT_REJECT, Kind.SYSTEM_ERROR, Kind.TIMEOUT})


def compile_reading(spec: ReadingSpec) -> Reading:
    """The reading. Raises NotCompiled with every problem; warnings stay with the reading."""
    compiler = _Compiler(spec)
    reading = compiler.reading()
    problems = tuple(problem for problem in compiler.found if not problem.is_warning)
    if problems or reading is None:
        raise NotCompiled(tuple(compiler.found))
    return reading


class _Compiler:
    def __init__(self, spec: ReadingSpec) -> None:
        self._spec, self._namespaces = spec, spec.namespaces
        self.found: list[Problem] = []

    def _complain(self, index: int | None, part: str, message: str, *, is_warning: bool = False) -> None:
        self.found.append(Problem(index, part, message, is_warning))

    def reading(self) -> Reading:
        spec = self._spec
        if spec.leadconduit is not None:
            return compile_leadconduit(
                spec.leadconduit,
                self.found,
                codes=self._codes(spec.codes),
                currency=self._places("currency", spec.currency),
                namespaces=self._namespaces,
            )
        if len(spec.rules) > MAX_RULES:
            self._complain(None, "rules", f"has {len(spec.rules)} rules; the most is {MAX_RULES}")
        rules = tuple(self._rule(index, rule) for index, rule in enumerate(spec.rules[:MAX_RULES]))
        if not any(not problem.is_warning for problem in self.found):
            self._warn_of_idle(spec.rules)
        if spec.otherwise is not None:
            self._check_outcome(None, "otherwise", spec.otherwise)
        return RuledReading(
            _rules=rules,
            _otherwise=spec.otherwise,
            _reason=self._places("reason", spec.reason),
            _price=self._places("price", spec.price),
            _currency=self._places("currency", spec.currency),
            _reference=self._places("reference", spec.reference),
            _capture={name: self._captured(name, places) for name, places in spec.capture.items()},
            _content_type=spec.content_type,
            _codes=self._codes(spec.codes),
            _namespaces=dict(self._namespaces),
            warnings=tuple(problem for problem in self.found if problem.is_warning),
        )

    def _warn_of_idle(self, rules: Sequence[ReadingRule]) -> None:
        for index, rule in enumerate(rules):
            before = decided_before(rules, index)
            if before is not None:
                words = f"is never reached: rule {before + 1} matches every reply that this one matches"
                self._complain(index, "", words, is_warning=True)
            elif contradicts_itself(rule):
                words = "never matches: no status is in both of its ranges"
                self._complain(index, "", words, is_warning=True)

    def _rule(self, index: int, rule: ReadingRule) -> ReadyRule:
        self._check_outcome(index, "outcome", rule.outcome)
        tests = tuple(self._match(index, place, match) for place, match in enumerate(rule.match))
        reason = None
        if rule.reason:
            is_words = "{{" not in rule.reason and " " in rule.reason.strip()
            find = None if is_words else self._place(index, "reason", rule.reason)
            reason = ready_reason(rule.reason.strip()[:MAX_WORDS], find)
        return ReadyRule(rule.outcome, tests, rule.match, rule.code, reason)

    def _captured(self, name: str, places: str) -> Find:
        lines = [line for line in places.splitlines() if line.strip()] or [""]
        if len(lines) == 1:
            return self._place(None, f"capture.{name}", lines[0]) or (lambda _: None)
        return kept_whole([find for line in lines if (find := self._place(None, f"capture.{name}", line))])

    def _codes(self, rules: Sequence[CodeRule]) -> Codes:
        ready = []
        for index, rule in enumerate(rules):
            try:
                ready.append(compile_code(rule))
            except ValueError as error:
                self._complain(None, f"codes[{index}].matches", str(error))
        return Codes(ready)

    def _check_outcome(self, index: int | None, part: str, kind: Kind) -> None:
        if kind not in _DECIDABLE:
            self._complain(index, part, f"`{kind.value}` is not an outcome that a reply can have")

    def _match(self, index: int, place: int, match: Match) -> Holds:
        try:
            holds = compile_match(match, self._namespaces)
        except BadMatch as error:
            self._complain(index, f"match[{place}].{error.part}", str(error))
            return lambda _: False
        for part, trap in _traps(match):
            self._complain(index, f"match[{place}].{part}", trap, is_warning=True)
        return holds

    def _places(self, part: str, places: Sequence[str]) -> tuple[Find, ...]:
        found = [self._place(None, f"{part}[{at}]", place) for at, place in enumerate(places)]
        return tuple(find for find in found if find is not None)

    def _place(self, index: int | None, part: str, place: str) -> Find | None:
        try:
            return compile_place(place, self._namespaces)
        except BadPlace as error:
            self._complain(index, part, str(error))
            return None


def _traps(match: Match) -> Iterator[tuple[str, str]]:
    if match.contains and (trap := trap_of(match.contains)):
        yield "contains", trap
    if match.matches and (trap := trap_in(compile_pattern(match.matches, ignore_case=True), match.matches)):
        yield "matches", trap
