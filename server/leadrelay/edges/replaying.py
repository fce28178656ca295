"""A recorded lead, run against another catalog without sending it: what would be otherwise.

Who was tried before answers as he answered then, and the new reading says what that means; the others
answer as the caller assumes. Nothing here can reach a recipient, a token endpoint or a secret.
"""

import re
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import ndiff
from typing import Final

from leadrelay.core.catalog import Catalog
from leadrelay.core.destination import Destination, Direct
from leadrelay.core.exchange import Reply, ReplyRecord, RequestRecord
from leadrelay.core.facts import AttemptEnded, AttemptStarted, Entry
from leadrelay.core.flow import Flow
from leadrelay.core.lead import Lead
from leadrelay.core.outcome import Money, Outcome, ReasonCode, Result
from leadrelay.core.plan import plan
from leadrelay.core.ports import Adapter
from leadrelay.core.pricing import priced
from leadrelay.core.scope import Scope
from leadrelay.core.standing import Standing, standing
from leadrelay.core.turns import Turns, turns_to_draw
from leadrelay.core.walk import Start, visible
from leadrelay.edges.cli.spoken import request_lines
from leadrelay.edges.rehearsal import rehearse, rehearsing
from leadrelay.edges.staging import why_not_composed

# What differs from one try to the next, whatever the catalog says.
NOT_OF_THE_CATALOG = frozenset({"traceparent", "tracestate", "idempotency-key", "webhook-timestamp"})
_OF_THE_MOMENT = re.compile(r"(<wsu:Created>|<wsa:MessageID>)[^<]*")  # in a SOAP header


# Why nothing was sent, where another catalog may decide otherwise.
OF_THE_CATALOG = (
    *(ReasonCode.CONDITION_FALSE, ReasonCode.ALREADY_SOLD, ReasonCode.FILTERED, ReasonCode.AUCTION_LOST),
    *(ReasonCode.MAPPING_REQUIRED, ReasonCode.MAPPING_INVALID),
)


@dataclass(slots=True)
class Known:
    """What was recorded of one delivery."""

    request: RequestRecord | None = None  # the newest
    at: int = 0  # when that was made
    reply: ReplyRecord | None = None
    outcome: Outcome | None = None


NOTHING_KNOWN: Final = Known()


@dataclass(slots=True)
class Course:
    """How a lead went, or would go."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    requests: dict[str, RequestRecord] = field(default_factory=dict)
    result: Result | None = None
    revenue: tuple[Money, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One delivery that would be otherwise."""

    delivery: str
    before: Outcome | None  # None: it was not in the flow
    after: Outcome | None
    is_assumed: bool  # nobody knows what the recipient would answer
    request: tuple[str, ...]  # the lines of its request that differ, after `- ` and `+ `


@dataclass(frozen=True, slots=True)
class Replayed:
    """One lead under both catalogs."""

    lead: Lead
    before: Course
    after: Course
    changes: tuple[Change, ...]

    @property
    def differs(self) -> bool:
        return bool(self.changes) or self.before.result is not self.after.result


class NotReplayed(Exception):
    """Nothing can be said of this lead; the words say why."""


class Replay:
    """Replays leads, one after the other: waterfalls that go round take their turns in that order."""

    def __init__(self, catalog: Catalog, assumed: Outcome) -> None:
        """`assumed` is what a recipient answers of whom nothing is recorded."""
        self._catalog, self._assumed = catalog, assumed
        self._drawn: Counter[str] = Counter()
        # Destinations whose requests are not compared, and why.
        self.not_compared = {
            name: why for name, each in catalog.destinations.items() if (why := _why_not_compared(each))
        }
        self._adapters = {
            name: rehearsing(each)
            for name, each in catalog.destinations.items()
            if name not in self.not_compared
        }

    def run(self, entries: Sequence[Entry]) -> Replayed:
        """One lead, from its facts. Raises NotReplayed."""
        state = standing(entries)
        if state is None or state.settled is None:
            raise NotReplayed("it has not settled yet")
        if state.cancelled is not None:
            raise NotReplayed("it was cancelled")
        if state.lead.flow not in self._catalog.flows:
            raise NotReplayed(f"the catalog has no flow {state.lead.flow}")
        flow, turns = self._catalog.flows[state.lead.flow], dict(state.turns)
        for pool in turns_to_draw(flow, state.lead):
            turns[pool] = turns.get(pool) or self._turn(pool)
        run = _Run(self._catalog, self._adapters, state.lead, _known(entries, state), self._assumed)
        run.go(flow, turns)
        before = _before(run.known, state)
        return Replayed(state.lead, before, run.course, tuple(_changes(before, run.course, run.assumed)))

    def _turn(self, pool: str) -> int:
        self._drawn[pool] += 1
        return self._drawn[pool]


class _Run:
    """One lead on its way through a flow of the other catalog."""

    def __init__(
        self,
        catalog: Catalog,
        adapters: Mapping[str, Adapter],
        lead: Lead,
        known: Mapping[str, Known],
        answer_of_others: Outcome,
    ) -> None:
        self._catalog, self._adapters = catalog, adapters
        self._lead, self.known, self._of_others = lead, known, answer_of_others
        self.course = Course()
        self.assumed: set[str] = set()

    def go(self, flow: Flow, turns: Turns) -> None:
        """From the first step until it would have settled."""
        answers = self.course.outcomes
        while True:
            decided = plan(flow, self._lead, answers, self._catalog.sensitive, turns=turns)
            answers |= {skip.deliver.delivery: skip.outcome for skip in decided.skip}
            if decided.settled is not None:
                self.course.result, self.course.revenue = decided.settled.result, decided.settled.revenue
                return
            answers |= {start.deliver.delivery: self._answer(start) for start in decided.start}

    def _answer(self, start: Start) -> Outcome:
        """What the recipient would be sent, and what it would say."""
        destination, name = self._catalog.destinations[start.deliver.destination], start.deliver.delivery
        known = self.known.get(name, NOTHING_KNOWN)
        adapter = self._adapters.get(start.deliver.destination)
        if adapter is not None:
            shown = rehearse(
                self._catalog,
                destination,
                self._lead,
                now=known.at or self._lead.received_at,
                appended=visible(self.course.outcomes, start.sees)["appended"],
                bid=start.bid,
                adapter=adapter,
            )
            if shown.outcome is not None:  # it would not be sent
                return shown.outcome
            if shown.record is not None:
                self.course.requests[name] = shown.record
        if known.outcome is not None and known.request is None and known.outcome.code not in OF_THE_CATALOG:
            return known.outcome  # what kept it back then, a cap or closed hours, is as it was
        if known.outcome is None or known.request is None:
            self.assumed.add(name)
            return self._of_others
        outcome = _said(destination, known.outcome, known.reply)
        if start.deliver.bid_within is not None:  # a ping sells nothing
            return outcome
        seen = visible(self.course.outcomes, start.sees)
        return priced(outcome, destination.prices, Scope.of(self._lead, **seen, bid=start.bid, now=known.at))


def _why_not_compared(destination: Destination) -> str:
    if isinstance(destination.protocol, Direct):
        return "what goes to another leadrelay, or stays in this one, is no HTTP request"
    return why_not_composed(destination)


def _said(destination: Destination, outcome: Outcome, reply: ReplyRecord | None) -> Outcome:
    """What the recipient answered then, as this catalog reads it; where there is no reply, as it was read."""
    if reply is None or reply.truncated:
        return outcome
    body = b64decode(reply.body) if reply.is_base64 else reply.body.encode()
    return destination.reading.read(Reply(status=reply.status, headers=reply.headers, body=body))


def _known(entries: Sequence[Entry], state: Standing) -> dict[str, Known]:
    found: dict[str, Known] = {}
    for entry in entries:
        match entry.fact:
            case AttemptStarted() as fact:
                each = found.setdefault(fact.delivery, Known())
                each.request, each.at, each.reply = fact.request, each.at or entry.at, None
            case AttemptEnded() as fact:
                found.setdefault(fact.delivery, Known()).reply = fact.reply
    for name, outcome in state.answers.items():
        found.setdefault(name, Known()).outcome = outcome
        if state.deliveries[name].at_first is not None:  # somebody said so, and no reply did
            found[name].reply = None
    return found


def _before(known: Mapping[str, Known], state: Standing) -> Course:
    settled = state.settled
    return Course(
        outcomes=dict(state.answers),
        requests={name: each.request for name, each in known.items() if each.request is not None},
        result=None if settled is None else settled.result,
        revenue=() if settled is None else settled.revenue,
    )


def _changes(before: Course, after: Course, assumed: set[str]) -> Iterator[Change]:
    for name in dict.fromkeys([*before.outcomes, *after.outcomes]):
        old, new = before.outcomes.get(name), after.outcomes.get(name)
        lines = tuple(_request_lines(before.requests.get(name), after.requests.get(name)))
        if lines or _essence(old) != _essence(new):
            yield Change(name, old, new, name in assumed, lines)


def _essence(outcome: Outcome | None) -> tuple[object, ...] | None:
    """What makes two outcomes the same to a lead desk: not the words of a skip, nor when."""
    if outcome is None:
        return None
    return outcome.kind, outcome.code, outcome.arrived, outcome.price, outcome.reference


def _request_lines(old: RequestRecord | None, new: RequestRecord | None) -> Iterator[str]:
    """What of a request that was sent, and would be again, is otherwise."""
    if old is None or new is None or old.truncated or new.truncated:
        return
    before, after = list(request_lines(_comparable(old))), list(request_lines(_comparable(new)))
    if before != after:
        yield from (line.rstrip() for line in ndiff(before, after) if line[0] in "-+")


def _comparable(record: RequestRecord) -> RequestRecord:
    named = ((name.lower(), value) for name, value in record.headers)
    headers = tuple(sorted(pair for pair in named if pair[0] not in NOT_OF_THE_CATALOG))
    body = _OF_THE_MOMENT.sub(r"\1", record.body)
    return RequestRecord(
        method=record.method, url=record.url, headers=headers, body=body, is_base64=record.is_base64
    )
