"""What would be sent for a lead, which rule gave what, and what a reply would mean (behaviour 3.6).

The mapping, the adapter and the reading are those that carry leads. Only the proofs are shown instead of
made, and nothing is sent: there is no way from here to a recipient, a token endpoint or a secret.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from leadrelay.core.batch_reply import parts
from leadrelay.core.destination import Destination
from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import Reply, Request, RequestRecord, record_request
from leadrelay.core.fates import Fate, Notes
from leadrelay.core.lead import MAX_LEAD_BYTES, Lead
from leadrelay.core.mapping import PASSED, Mapped, Rule
from leadrelay.core.masking import Texts, hide, hide_within, together
from leadrelay.core.outcome import Bid, Outcome
from leadrelay.core.ports import Adapter, Signer
from leadrelay.core.pricing import priced
from leadrelay.core.reading import TriedRule
from leadrelay.core.scope import DeliveryContext, Scope
from leadrelay.core.sending import envelope_for, hidden_texts, idempotency_key, not_sent, unmapped, without
from leadrelay.core.template import compile_template
from leadrelay.core.values import ABSENT, Types, Value, is_blank

MAX_SHOWN_BODY = MAX_LEAD_BYTES  # bytes; more than any record keeps, because a preview is of one lead
NO_EARLIER: Mapping[str, Any] = {}

_SENT = (Fate.VALUE, Fate.DEFAULT, Fate.EMPTY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What became of one rule, or of one lead field that is passed through."""

    to: str
    rule: int  # from 1; 0: there is none, the field is passed through
    fate: Fate
    value: Value = ABSENT  # masked; ABSENT: nothing is sent for it
    template: Value = ABSENT  # the rule's `value` as the catalog has it
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    given: tuple[Given, ...]  # rule by rule, then what is passed through
    warnings: tuple[str, ...]
    problems: tuple[str, ...]  # why nothing would be sent
    request: Request | None  # with `***` for proofs, and what is sensitive in clear: not to be shown
    record: RequestRecord | None  # the same as it may be shown; None: nothing would be sent
    outcome: Outcome | None  # of the reply; without one, of a lead that cannot be sent
    tried: tuple[TriedRule, ...] = ()  # how each rule of the reading fared with the reply
    shut: str = ""  # why no lead goes there now, by its opening hours


def preview_reply(destination: Destination, reply: Reply) -> Preview:
    """A reply read without any lead to which it came."""
    return Preview(
        given=(),
        warnings=(),
        problems=(),
        request=None,
        record=None,
        outcome=destination.reading.read(reply),
        tried=destination.reading.explain(reply),
    )


def preview(
    destination: Destination,
    lead: Lead,
    *,
    adapter: Adapter,
    signer: Signer,
    sensitive: frozenset[str],
    now: int,
    reply: Reply | None = None,
    appended: Mapping[str, Any] = NO_EARLIER,
    bid: Bid | None = None,
) -> Preview:
    """The first attempt of a delivery, up to the point where it would be sent."""
    name, notes = destination.name, Notes()
    scope = Scope.of(
        lead,
        appended=appended,
        destination=name,
        delivery=DeliveryContext(id=name, idempotency_key=idempotency_key(lead, name)),
        bid=bid,
        now=now,
    )
    mapped = destination.mapping.apply(scope, notes)
    failure, request = unmapped(mapped), None
    refusals: list[str] = []
    try:
        request = signer.show(adapter.compose(mapped, scope, envelope_for(lead, name, 1)))
    except NotSent as error:
        refusals.append(error.words)
        failure = failure or not_sent(error)
    warnings = tuple(scope.warnings)
    hidden = together(mapped.derived, hidden_texts(lead, sensitive))
    if request is not None:
        hidden = together(request.secrets, hidden)
    sent = request if failure is None else None
    if reply is not None and destination.batch is not None:  # that of a list of one
        key = "" if request is None else request.item_key
        reply = parts(destination.batch, reply, [key])[0] or reply
    given = tuple(_Told(destination, scope, mapped, notes, sensitive, hidden).rows())
    return Preview(
        given=given,
        warnings=warnings,
        problems=tuple(hide(words, hidden) for words in (*_missing(given), *mapped.problems, *refusals)),
        request=sent,
        record=None if sent is None else record_request(sent, hidden, MAX_SHOWN_BODY),
        outcome=failure if reply is None else without(hidden, _read(destination, reply, scope)),
        tried=()
        if reply is None
        else tuple(_hidden(row, hidden) for row in destination.reading.explain(reply)),
        shut=_shut(destination, now),
    )


def _shut(destination: Destination, now: int) -> str:
    schedule = None if destination.limits is None else destination.limits.schedule
    closed = None if schedule is None else schedule.at(now).closed
    return "" if closed is None else closed.words


def _read(destination: Destination, reply: Reply, scope: Scope) -> Outcome:
    return priced(destination.reading.read(reply), destination.prices, scope)


def _hidden(row: TriedRule, hidden: Texts) -> TriedRule:
    return replace(row, why=hide(row.why, hidden))


def _missing(given: tuple[Given, ...]) -> Iterator[str]:
    """One problem for each path that has to be there."""
    why = {each.to: each.why for each in reversed(given) if each.fate is Fate.MISSING}
    return (f"{to}: it is required, but {words}" for to, words in reversed(why.items()))


@dataclass(frozen=True, slots=True)
class _Told:
    """Puts into words how each rule fared."""

    destination: Destination
    scope: Scope
    mapped: Mapped
    notes: Notes
    sensitive: frozenset[str]
    hidden: tuple[str, ...]

    def rows(self) -> Iterator[Given]:
        shown = self.mapped.masked_payload()
        for index, rule in enumerate(self.destination.mapping.rules):
            fate, why = self._fate(index, rule)
            value = hide_within(shown[rule.to], self.hidden) if fate in _SENT else ABSENT
            yield Given(
                to=rule.to,
                rule=index + 1,
                fate=fate,
                value=value,
                template=rule.value,
                why=hide(why, self.hidden),
            )
        for to, index in sorted(self.mapped.given.items()):  # a lead's fields have no order
            if index == PASSED:
                yield Given(to=to, rule=0, fate=Fate.PASSED, value=hide_within(shown[to], self.hidden))
        for to in sorted(self.notes.withheld):
            if to not in self.mapped.given:
                why = "it is sensitive, and so sent only by a rule of its own"
                yield Given(to=to, rule=0, fate=Fate.WITHHELD, why=why)

    def _fate(self, index: int, rule: Rule) -> tuple[Fate, str]:
        fate = self.notes.rules.get(index, Fate.VALUE)
        winner = self.mapped.given.get(rule.to, index)
        match fate:
            case Fate.CONDITION_FALSE:
                condition = self.destination.mapping.conditions[index]
                return fate, condition.explain(self.scope, self.sensitive) if condition else ""
            case Fate.FAILED:
                return fate, self.notes.faults[index]
            case Fate.BLANK if rule.required and rule.to in self.mapped.missing:
                return Fate.MISSING, self._why_blank(rule)
            case Fate.BLANK:
                stays = f"; {_of(winner)} stays" if winner < index else ""
                return fate, self._why_blank(rule) + stays
        if winner != index:
            return Fate.OVERRULED, f"{_of(winner)} is sent"
        return fate, "" if fate is Fate.VALUE else self._why_blank(rule)

    def _why_blank(self, rule: Rule) -> str:
        """Which of the things that a rule reads are not there."""
        types = self.destination.mapping.types
        empty = (_blank(path, self.scope, types) for path in dict.fromkeys(_paths(rule.value, types)))
        return ", ".join(one for one in empty if one) or "it comes to nothing"


def _of(winner: int) -> str:
    return "the lead's own value" if winner == PASSED else f"what rule {winner + 1} gives"


def _blank(path: str, scope: Scope, types: Types) -> str:
    value = scope.lookup(path, types)
    if value is None:
        return f"{path} is missing"
    return f"{path} is blank" if is_blank(value) else ""


def _paths(value: Value, types: Types) -> Iterator[str]:
    """What a rule's value reads, in the order in which it stands there."""
    if isinstance(value, str):
        yield from sorted(compile_template(value, types).paths, key=value.find)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _paths(item, types)
