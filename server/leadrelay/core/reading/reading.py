"""A compiled reading: a reply goes in, an outcome comes out, whatever the reply is (behaviour 6).

Rules in order, the first that matches decides. A reply that no rule knows, or that does not parse
where a rule must look into it, is never a silent success: the lead was delivered to somebody whose
answer we do not understand, so the outcome says that it may have arrived.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode
from leadrelay.core.reading.content import Content, Unreadable
from leadrelay.core.reading.finding import Find, all_of, by_place, each, first
from leadrelay.core.reading.matching import Holds
from leadrelay.core.reading.prices import currency_of, price_of
from leadrelay.core.reading.status import by_status
from leadrelay.core.reading.wordings import code_of
from leadrelay.core.values import Problem, Value, is_blank, leaf, plain, text, walk

MAX_WORDS = 256  # characters of the recipient's words, and of its reference
MAX_SAID = 20  # things that the recipient says at one place
MAX_APPENDED = 64 * 1024  # bytes as JSON
MAX_OWN_TEXT = 1024  # a longer text body is a page and not a sentence

# Where recipients put their words when nobody says where to look.
_USUAL_WORDS = tuple(
    tuple(path.split("."))
    for path in (
        "reason",
        "message",
        "error.message",
        "error.description",
        "error",
        "errors.0.message",
        "errors.0",
        "error_message",
        "errorMessage",
        "rejection_reason",
        "reject_reason",
        "description",
        "detail",
        "result.message",
        "response.message",
        "Envelope.Body.Fault.faultstring",  # SOAP 1.1
        "Envelope.Body.Fault.Reason.Text.#text",  # SOAP 1.2
    )
)


@dataclass(frozen=True, slots=True)
class ReadyRule:
    kind: Kind
    tests: tuple[Holds, ...]
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
class Reading:
    """A compiled reading."""

    warnings: tuple[Problem, ...]
    _rules: tuple[ReadyRule, ...]
    _otherwise: Kind | None
    _reason: tuple[Find, ...]
    _price: tuple[Find, ...]
    _currency: tuple[Find, ...]
    _reference: tuple[Find, ...]
    _capture: Mapping[str, Find]
    _content_type: str

    def read(self, reply: Reply) -> Outcome:
        """What the reply means. Never raises."""
        content = Content(reply, self._content_type)
        verdict = self._decide(content)
        words = self._words(content, verdict)
        price, currency = self._priced(content)
        return Outcome(
            kind=verdict.kind,
            code=_code(verdict, words),
            words=words or _plain_status(verdict, reply),
            arrived=Arrived.YES if verdict.is_understood else Arrived.UNKNOWN,
            price=price,
            currency=currency,
            reference=_line(first(self._reference, content)),
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

    def _words(self, content: Content, verdict: _Verdict) -> str:
        """The recipient's own words, or nothing; ours where nobody knows what its words mean."""
        if not verdict.is_understood:
            said = _usual_words(content)
            return _line(f"{verdict.own_words}; it said: {said}" if said else verdict.own_words)
        if verdict.rule and verdict.rule.reason:
            return verdict.rule.reason(content)
        if self._reason:
            return said_in(all_of(self._reason, content))
        return "" if verdict.kind is Kind.SUCCESS else _usual_words(content)

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
            return _bounded({name: value for name, value in found.items() if value is not None})
        tree = content.tree_or_none
        if isinstance(tree, Mapping):
            return _bounded(tree, roughly=len(content.reply.body))
        return _bounded(by_place(tree), roughly=len(content.reply.body)) if isinstance(tree, list) else None


def _not_understood(words: str) -> _Verdict:
    return _Verdict(Kind.SYSTEM_ERROR, ReasonCode.PROTOCOL, own_words=words, is_understood=False)


def _code(verdict: _Verdict, words: str) -> ReasonCode | None:
    """A rule's own code, else what the words say, else what the status says, else `other`."""
    if verdict.kind is Kind.SUCCESS or not verdict.is_understood:
        return verdict.code
    if verdict.rule and verdict.code:
        return verdict.code
    spoken = code_of(words) if words else None
    if verdict.code in _BY_STATUS_ALONE:
        return verdict.code
    return spoken or verdict.code or ReasonCode.OTHER


_BY_STATUS_ALONE = frozenset({ReasonCode.UNAUTHORIZED, ReasonCode.CAP_EXCEEDED, ReasonCode.PROTOCOL})


def _plain_status(verdict: _Verdict, reply: Reply) -> str:
    return "" if verdict.kind is Kind.SUCCESS else f"HTTP status {reply.status}"


def _usual_words(content: Content) -> str:
    tree = content.tree_or_none
    if tree is None:
        body = content.text.strip()
        return _line(body) if len(body) <= MAX_OWN_TEXT and not body.startswith("<") else ""
    for segments in _USUAL_WORDS:
        value = leaf(walk(tree, segments))
        if isinstance(value, str) and not is_blank(value):
            return _line(value)
    return ""


def _line(value: Value) -> str:
    """A value as one bounded line."""
    words = " ".join(text(value)[: 4 * MAX_WORDS].split())
    return words if len(words) <= MAX_WORDS else words[: MAX_WORDS - 1] + "…"


def said_in(values: Sequence[Value]) -> str:
    """Several words as one bounded line."""
    return _line(", ".join(text(value).strip() for value in values[:MAX_SAID]))


def _bounded(members: Mapping[str, Any], roughly: int | None = None) -> Mapping[str, Any]:
    """The members that fit, in order. `roughly` is the size that they came in, when known."""
    if roughly is not None and roughly * 3 <= MAX_APPENDED:  # no JSON grows threefold by being rewritten
        return members
    kept: dict[str, Any] = {}
    room = MAX_APPENDED
    for name, value in members.items():
        room_needed = _size(value) + len(name) * 3
        if room_needed <= room:
            kept[name] = value
            room -= room_needed
    return kept


def _size(value: Any) -> int:
    try:
        return len(orjson.dumps(value, default=plain))
    except orjson.JSONEncodeError:
        return MAX_APPENDED + 1


def ready_reason(words: str, find: Find | None) -> Callable[[Content], str]:
    """A rule's own reason: what its place holds, or the words themselves."""
    if find is None:
        return lambda _: words
    return lambda content: said_in(all_of((find,), content))
