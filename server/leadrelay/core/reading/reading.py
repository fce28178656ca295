"""A compiled reading: a reply goes in, an outcome comes out, whatever the reply is (behaviour 6).

Rules in order, the first that matches decides. A reply that no rule knows, or that does not parse
where a rule must look into it, is never a silent success: the lead was delivered to somebody whose
answer we do not understand, so the outcome says that it may have arrived.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode
from leadrelay.core.reading.codes import Codes
from leadrelay.core.reading.content import Content, Unreadable
from leadrelay.core.reading.explaining import TriedRule, told_of
from leadrelay.core.reading.finding import Find, all_of, by_place, each, first
from leadrelay.core.reading.kept import bounded, line, said_in
from leadrelay.core.reading.matching import Holds
from leadrelay.core.reading.prices import currency_of, price_of
from leadrelay.core.reading.spec import Match
from leadrelay.core.reading.status import by_status
from leadrelay.core.reading.usual import usual_code, usual_words
from leadrelay.core.values import Problem


@dataclass(frozen=True, slots=True)
class ReadyRule:
    kind: Kind
    tests: tuple[Holds, ...]
    matches: tuple[Match, ...]  # what the tests were made of
    code: ReasonCode | None
    reason: Callable[[Content], str] | None


@dataclass(frozen=True, slots=True)
class _Verdict:
    kind: Kind
    code: ReasonCode | None = None
    rule: ReadyRule | None = None
    own_words: str = ""  # ours, where the recipient's would mislead
    is_understood: bool = True


@dataclass(frozen=True, slots=True)
class RuledReading:
    """Rules in order, and the places where a reply says the rest."""

    warnings: tuple[Problem, ...]
    _rules: tuple[ReadyRule, ...]
    _otherwise: Kind | None
    _reason: tuple[Find, ...]
    _price: tuple[Find, ...]
    _currency: tuple[Find, ...]
    _reference: tuple[Find, ...]
    _capture: Mapping[str, Find]
    _content_type: str
    _codes: Codes
    _namespaces: dict[str, str]

    def read(self, reply: Reply) -> Outcome:
        """What the reply means. Never raises."""
        content = Content(reply, self._content_type)
        verdict = self._decide(content)
        words = self._words(content, verdict)
        price, currency = self._priced(content)
        return Outcome(
            kind=verdict.kind,
            code=self._code(content, verdict, words),
            words=words or _plain_status(verdict, reply),
            arrived=Arrived.YES if verdict.is_understood else Arrived.UNKNOWN,
            price=price,
            currency=currency,
            reference=line(first(self._reference, content)),
            appended=self._appended(content),
        )

    def _decide(self, content: Content) -> _Verdict:
        status = content.reply.status
        is_fine = 200 <= status < 300
        unreadable = ""
        for rule in self._rules:
            if unreadable and rule.kind is Kind.SUCCESS:
                continue
            try:
                if all(test(content) for test in rule.tests):
                    return _Verdict(rule.kind, rule.code, rule)
            except Unreadable as error:
                if is_fine:
                    return _not_understood(f"a rule looks into the reply, but {error}")
                unreadable = str(error)
        if self._rules and not unreadable:
            if self._otherwise is not None:
                return _Verdict(self._otherwise)
            if is_fine:
                return _not_understood("no rule of the reading matched the reply")
        elif self._otherwise is not None and not self._rules:
            return _Verdict(self._otherwise)
        if is_fine and content.is_fault:  # some services fail with status 200
            return _Verdict(Kind.SYSTEM_ERROR)
        return _Verdict(*by_status(status))

    def explain(self, reply: Reply) -> tuple[TriedRule, ...]:
        """How each rule fared, and what decided where none did."""
        content = Content(reply, self._content_type)
        verdict = self._decide(content)
        rows: list[TriedRule] = []
        is_decided = False
        for number, rule in enumerate(self._rules, 1):
            why = "not tried" if is_decided else told_of(rule.matches, content, self._namespaces)
            matched = rule is verdict.rule
            rows.append(TriedRule(number=number, kind=rule.kind, matched=matched, why=why))
            is_decided = is_decided or matched
        if not is_decided:
            why = verdict.own_words or self._why_not_by_rule(reply)
            rows.append(TriedRule(number=0, kind=verdict.kind, matched=True, why=why))
        return tuple(rows)

    def _why_not_by_rule(self, reply: Reply) -> str:
        beside = "no rule matches" if self._rules else "there are no rules"
        by = "`otherwise`" if self._otherwise is not None else f"the status {reply.status}"
        return f"{beside}; {by} decides"

    def _code(self, content: Content, verdict: _Verdict, words: str) -> ReasonCode | None:
        """A rule's own, else what the words say, else the recipient's code, else the status, else `other`."""
        if verdict.kind is Kind.SUCCESS or not verdict.is_understood:
            return verdict.code
        if verdict.rule and verdict.code:
            return verdict.code
        if verdict.code in _BY_STATUS_ALONE:
            return self._codes.by_rule(words) or verdict.code
        known = self._codes.of(words) or self._codes.of(usual_code(content))
        return known or verdict.code or ReasonCode.OTHER

    def _words(self, content: Content, verdict: _Verdict) -> str:
        """The recipient's own words, or nothing; ours where nobody knows what its words mean."""
        if not verdict.is_understood:
            said = line(usual_words(content))
            return line(f"{verdict.own_words}; it said: {said}" if said else verdict.own_words)
        if verdict.rule and verdict.rule.reason:
            return verdict.rule.reason(content)
        said = said_in(all_of(self._reason, content)) if self._reason else ""
        if said:
            return said
        return "" if verdict.kind is Kind.SUCCESS else line(usual_words(content))

    def _priced(self, content: Content) -> tuple[Decimal | None, str]:
        for find in self._price:
            for value in each(find(content)):
                found = price_of(value)
                if found is not None:
                    amount, currency = found
                    return amount, currency_of(first(self._currency, content)) or currency
        return None, ""

    def _appended(self, content: Content) -> Mapping[str, Any] | None:
        if self._capture:
            found = {name: find(content) for name, find in self._capture.items()}
            return bounded({name: value for name, value in found.items() if value is not None})
        tree = content.tree_or_none
        if isinstance(tree, Mapping):
            return bounded(tree, roughly=len(content.reply.body))
        return bounded(by_place(tree), roughly=len(content.reply.body)) if isinstance(tree, list) else None


def _not_understood(words: str) -> _Verdict:
    return _Verdict(Kind.SYSTEM_ERROR, ReasonCode.PROTOCOL, own_words=words, is_understood=False)


_BY_STATUS_ALONE = frozenset({ReasonCode.UNAUTHORIZED, ReasonCode.CAP_EXCEEDED, ReasonCode.PROTOCOL})


def _plain_status(verdict: _Verdict, reply: Reply) -> str:
    return "" if verdict.kind is Kind.SUCCESS else f"HTTP status {reply.status}"


def ready_reason(words: str, find: Find | None) -> Callable[[Content], str]:
    """A rule's own reason: what its place holds, or the words themselves."""
    if find is None:
        return lambda _: words
    return lambda content: said_in(all_of((find,), content))
