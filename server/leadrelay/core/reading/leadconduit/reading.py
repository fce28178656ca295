"""A reply read as LeadConduit reads it.

Its outcomes are ours as follows: success is a success, failure a hard_reject, error a system_error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import Kind, Outcome, ReasonCode
from leadrelay.core.reading.budget import TooMuch
from leadrelay.core.reading.codes import Codes
from leadrelay.core.reading.content import Content
from leadrelay.core.reading.explaining import TriedRule
from leadrelay.core.reading.finding import Find, first
from leadrelay.core.reading.kept import bounded, line
from leadrelay.core.reading.leadconduit.documents import Document, Of, appended_from, document_of
from leadrelay.core.reading.leadconduit.places import Place
from leadrelay.core.reading.prices import currency_of, price_of
from leadrelay.core.reading.spec import LeadConduitSpec, OnMatch
from leadrelay.core.reading.status import by_status
from leadrelay.core.reading.usual import usual_code, usual_words
from leadrelay.core.template.pattern import Expression
from leadrelay.core.values import Problem, Value, text

COOKIE = "cookie"  # under which a cookie is appended

_KINDS = {OnMatch.SUCCESS: Kind.SUCCESS, OnMatch.FAILURE: Kind.HARD_REJECT, OnMatch.ERROR: Kind.SYSTEM_ERROR}
_ON_MISS = {
    OnMatch.SUCCESS: OnMatch.FAILURE,
    OnMatch.FAILURE: OnMatch.SUCCESS,
    OnMatch.ERROR: OnMatch.SUCCESS,
}
_SERVER_ERROR = "Server error"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadConduitReading:
    """The settings, compiled."""

    warnings: tuple[Problem, ...]
    spec: LeadConduitSpec
    term: Expression | None
    search_path: Place | None
    reason_path: Place | None
    price_path: Place | None
    reference_path: Place | None
    cookie_term: Expression | None
    capture: Mapping[str, Expression]
    currency: tuple[Find, ...]
    codes: Codes

    def read(self, reply: Reply) -> Outcome:
        """What the reply means. Never raises."""
        content = Content(reply, self.spec.response_content_type_override)
        if content.is_fault:
            words = line(usual_words(content))
            return Outcome(kind=Kind.SYSTEM_ERROR, code=self._code(content, words), words=words)
        if _is_server_error(reply.status):
            code = by_status(reply.status)[1] or ReasonCode.OTHER
            return Outcome(kind=Kind.SYSTEM_ERROR, code=code, words=_SERVER_ERROR)
        document = self._document(content)
        kind = _KINDS[self._decide(reply, content, document)[0]]
        words = self._reason(document)
        if not words and kind is not Kind.SUCCESS:  # there it has none, which helps nobody
            words = line(usual_words(content)) or f"HTTP status {reply.status}"
        price, currency = self._price(content, document)
        return Outcome(
            kind=kind,
            code=None if kind is Kind.SUCCESS else self._code(content, words),
            words=words,
            price=price,
            currency=currency,
            reference=line(next(iter(_found(self.reference_path, document)), "")),
            appended=self._appended(reply, content, document),
        )

    def explain(self, reply: Reply) -> tuple[TriedRule, ...]:
        """The one decision that there is."""
        content = Content(reply, self.spec.response_content_type_override)
        if _is_server_error(reply.status) or content.is_fault:
            what = "the reply is a SOAP fault" if content.is_fault else f"the status is {reply.status}"
            why = f"{what}, which is always an error"
            return (TriedRule(number=0, kind=Kind.SYSTEM_ERROR, matched=True, why=why),)
        outcome, why = self._decide(reply, content, self._document(content))
        return (TriedRule(number=1, kind=_KINDS[outcome], matched=True, why=why),)

    def _document(self, content: Content) -> Document:
        named = self.spec.response_content_type_override or content.reply.header("content-type")
        return document_of(content, named or "")

    def _decide(self, reply: Reply, content: Content, document: Document) -> tuple[OnMatch, str]:
        """The outcome in its words, and why. The status does not count: a 404 may well be a success."""
        term, on_match = self.term, self.spec.outcome_on_match or OnMatch.SUCCESS
        if term is None and self.spec.outcome_on_match is None:
            return OnMatch.SUCCESS, f"no term is searched for, and the status {reply.status} is no 5xx"
        searched = map(str.strip, self._searched(content, document))
        is_found = any(words and (term is None or term.search(words)) for words in searched)
        what = "anything" if term is None else f"`{self.spec.outcome_search_term.strip()}`"
        is_narrow = self.search_path is not None and document.kind is not Of.TEXT
        where = f"at `{self.spec.outcome_search_path.strip()}`" if is_narrow else "in the body"
        if is_found:
            return on_match, f"{what} is found {where}"
        return _ON_MISS[on_match], f"{what} is not found {where}"

    def _searched(self, content: Content, document: Document) -> list[str]:
        if self.search_path is None:
            return [content.text]
        try:
            return self.search_path.texts(document)
        except TooMuch:
            return []

    def _reason(self, document: Document) -> str:
        """All reasons, sorted and joined, each as often as it is there; else the default."""
        said = sorted(words for value in _found(self.reason_path, document) if (words := _words(value)))
        return line(", ".join(said)) or line(self.spec.default_reason)

    def _price(self, content: Content, document: Document) -> tuple[Decimal | None, str]:
        """The first price, else the fallback. Here 0 is a price; there it is one as a text alone."""
        for value in _found(self.price_path, document)[:1]:
            found = price_of(value)
            if found is not None:
                return found[0], currency_of(first(self.currency, content)) or found[1]
        return price_of(self.spec.fallback_price) or (None, "")

    def _code(self, content: Content, words: str) -> ReasonCode:
        known = self.codes.of(words) or self.codes.of(usual_code(content))
        status = content.reply.status
        return known or (by_status(status)[1] if status >= 400 else None) or ReasonCode.OTHER

    def _appended(self, reply: Reply, content: Content, document: Document) -> Mapping[str, Any] | None:
        match document.kind:
            case Of.DATA:
                kept = document.data
            case Of.XML:
                kept = appended_from(document.data)
            case _:
                kept = self._captured(content.text)
        cookie = self._cookie(reply)
        if cookie:
            kept = {COOKIE: cookie, **{name: value for name, value in kept.items() if name != COOKIE}}
        return bounded(kept, roughly=len(reply.body) + len(cookie)) if kept else None

    def _captured(self, body: str) -> dict[str, Value]:
        found = {name: expression.search(body) for name, expression in self.capture.items()}
        groups = {name: None if one is None else one.group(1) for name, one in found.items()}
        return {name: group for name, group in groups.items() if group is not None}

    def _cookie(self, reply: Reply) -> str:
        if self.cookie_term is None:
            return ""
        cookies = sorted(value for name, value in reply.headers if name.lower() == "set-cookie")
        return next((cookie for cookie in cookies if self.cookie_term.search(cookie)), "")


def _is_server_error(status: int) -> bool:
    return 500 <= status < 600


def _found(place: Place | None, document: Document) -> list[Value]:
    try:
        return [] if place is None else place.find(document)
    except TooMuch:
        return []


def _words(value: Value) -> str:
    """A reason as a text. Neither false nor 0 is one; an object, "[object Object]" there, is its JSON."""
    return "" if value is False or value == 0 else text(value).strip()
