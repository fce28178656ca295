"""Where a lead goes next, decided from the lead and the answers so far and nothing else (design 2.1).

`plan` is a pure function. The courier starts what it names and calls it again with the new
answers; recovery replays the answers and calls the same function; so does a simulation.

A step sees the answers of steps that ended before it began, by its place in the tree, and never
those of a sibling that runs beside it. So the plan only grows: an answer that comes in late cannot
turn a branch that has already been taken.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypedDict

from leadrelay.core.flow import (
    Branch,
    Deliver,
    Filter,
    Flow,
    Parallel,
    Sequence,
    Step,
    Waterfall,
    deliveries,
    destination_of,
)
from leadrelay.core.lead import Lead
from leadrelay.core.outcome import Kind, Money, Outcome, ReasonCode, Result, skipped
from leadrelay.core.scope import Scope
from leadrelay.core.values import Typed

Answers = Mapping[str, Outcome]  # by delivery
ERRORS = frozenset({Kind.SOFT_REJECT, Kind.SYSTEM_ERROR, Kind.TIMEOUT})


@dataclass(frozen=True, slots=True)
class Late:
    """Answers that came after steps had been decided without them (`Resolve`)."""

    firsts: Mapping[str, Outcome]  # what was known instead, by delivery
    begun: Collection[str]  # deliveries that had begun: what decided about them stays decided


ALL_IN_TIME: Final = Late({}, frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A delivery that has no answer yet and whose turn has come."""

    deliver: Deliver
    sees: tuple[str, ...]  # the deliveries whose answers its mapping may read


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """A delivery that will not be tried, and why."""

    deliver: Deliver
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How the lead ended."""

    result: Result
    reason: str
    accepted: int
    revenue: tuple[Money, ...]
    waiting: tuple[str, ...]  # deliveries that rest until an unresolved one is resolved


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to start now, what not to try at all, and the settlement once nothing is open."""

    start: tuple[Start, ...]
    skip: tuple[Skip, ...]
    settled: Settlement | None


def plan(
    flow: Flow,
    lead: Lead,
    answers: Answers,
    sensitive: Collection[str] = (),
    *,
    typed: dict[str, Typed] | None = None,
    late: Late = ALL_IN_TIME,
) -> Plan:
    """What follows from the answers so far.

    `start` names every delivery that should be under way, also those that already are. `sensitive`
    are the fields whose values are masked in the reasons of what was not tried. `typed` keeps what
    the lead's typed fields were read as from one call to the next; it changes no answer. An answer that
    is `late` turns no condition that has already been decided.
    """
    walk = _Walk(lead, flow, answers, sensitive, typed, late=late)
    end = walk.step(flow.root, ())
    return Plan(
        start=tuple(walk.start),
        skip=tuple(walk.skip),
        settled=None if end is None else walk.settle(end),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """How a step that is over went."""

    seen: tuple[str, ...] = ()  # its deliveries that have an answer
    accepted: bool = False
    rests: bool = False  # a recipient may have the lead: nothing further down may be tried
    deciding: tuple[str, ...] = ()  # its deliveries whose outcomes say why nobody accepted
    stopped: Outcome | None = None  # by a filter: the flow goes no further


class _Walk:
    """One pass over the tree. A step gives None while something at or below it is still open."""

    def __init__(
        self,
        lead: Lead,
        flow: Flow,
        answers: Answers,
        sensitive: Collection[str],
        typed: dict[str, Typed] | None,
        *,
        late: Late,
    ) -> None:
        self._typed, self._late = typed, late
        self._lead, self._flow, self._answers, self._sensitive = lead, flow, answers, sensitive
        self.start: list[Start] = []
        self.skip: list[Skip] = []
        self._waiting: list[str] = []

    def step(self, step: Step, seen: tuple[str, ...]) -> _End | None:
        if step.when is not None:
            scope = self._scope(seen, deliveries(step))
            if not step.when.holds(scope):
                words = step.when.explain(scope, self._sensitive)
                return self._skipped([step], ReasonCode.CONDITION_FALSE, words)
        match step.kind:
            case Deliver():
                return self._deliver(step.kind, seen)
            case Sequence():
                return self._sequence(step.kind.steps, seen)
            case Waterfall():
                return self._waterfall(step.kind, seen)
            case Parallel():
                return self._parallel(step.kind, seen)
            case Branch():
                return self._branch(step.kind, seen)
            case Filter():
                return self._filter(step.kind, seen)

    def settle(self, end: _End) -> Settlement:
        names = [deliver.delivery for deliver in self._flow.deliveries()]
        accepted = [name for name in names if name in self._answers and self._answers[name].accepted]
        return Settlement(
            result=self._result(end),
            reason=self._reason(end, accepted),
            accepted=len(accepted),
            revenue=_revenue(self._answers[name] for name in accepted),
            waiting=tuple(self._waiting),
        )

    def _deliver(self, deliver: Deliver, seen: tuple[str, ...]) -> _End | None:
        name = deliver.delivery
        answer = self._answers.get(name)
        if answer is None:
            self.start.append(Start(deliver=deliver, sees=seen))
            return None
        return _End(
            seen=(name,),
            accepted=answer.accepted,
            rests=answer.is_unresolved and deliver.holds_unknown,
            deciding=() if answer.kind is Kind.SKIPPED else (name,),
        )

    def _sequence(self, steps: tuple[Step, ...], seen: tuple[str, ...]) -> _End | None:
        ends: list[_End] = []
        for position, step in enumerate(steps):
            end = self.step(step, seen)
            if end is None:
                return None
            ends.append(end)
            seen += end.seen
            if end.stopped is not None:
                ends.append(self._skipped(steps[position + 1 :], ReasonCode.FILTERED, end.stopped.words))
                break
        return _joined(ends)

    def _waterfall(self, waterfall: Waterfall, seen: tuple[str, ...]) -> _End | None:
        ends: list[_End] = []
        sold: list[str] = []
        for position, step in enumerate(waterfall.steps):
            rest = waterfall.steps[position:]
            if len(sold) >= waterfall.stop_after:
                ends.append(self._skipped(rest, ReasonCode.ALREADY_SOLD, f"sold to {', '.join(sold)}"))
                break
            end = self.step(step, seen)
            if end is None:
                return None
            ends.append(end)
            seen += end.seen
            if end.stopped is not None:
                ends.append(self._skipped(rest[1:], ReasonCode.FILTERED, end.stopped.words))
                break
            if end.rests and not end.accepted:
                self._waiting += [d.delivery for child in rest[1:] for d in deliveries(child)]
                break
            if end.accepted:
                sold += [name for name in end.seen if self._answers[name].accepted]
        return _joined(ends)

    def _parallel(self, parallel: Parallel, seen: tuple[str, ...]) -> _End | None:
        ends = [self.step(step, seen) for step in parallel.steps]
        closed = [end for end in ends if end is not None]
        if len(closed) < len(ends):
            return None
        joined = _joined(closed)
        required = [end for step, end in zip(parallel.steps, closed, strict=True) if step.required]
        if not required:
            return joined
        decided = _joined(required)
        return _End(
            seen=joined.seen,
            accepted=all(end.accepted for end in required),
            rests=decided.rests,
            deciding=tuple(name for end in required if not end.accepted for name in end.deciding),
            stopped=joined.stopped,
        )

    def _branch(self, branch: Branch, seen: tuple[str, ...]) -> _End | None:
        scope = self._scope(seen, deliveries(Step(kind=branch)))
        taken: Step | None = None
        skips: list[_End] = []
        for condition, arm in branch.arms:
            if taken is not None:
                skips.append(self._skipped([arm], ReasonCode.CONDITION_FALSE, "an earlier arm was taken"))
            elif condition.holds(scope):
                taken = arm
            else:
                words = condition.explain(scope, self._sensitive)
                skips.append(self._skipped([arm], ReasonCode.CONDITION_FALSE, words))
        if branch.otherwise is not None:
            if taken is None:
                taken = branch.otherwise
            else:
                words = "an earlier arm was taken"
                skips.append(self._skipped([branch.otherwise], ReasonCode.CONDITION_FALSE, words))
        if taken is None:
            return _joined(skips)
        end = self.step(taken, seen)
        return None if end is None else _joined([end, *skips])

    def _filter(self, step: Filter, seen: tuple[str, ...]) -> _End:
        scope = self._scope(seen, (each for each in self._flow.deliveries() if each.delivery not in seen))
        if step.passes.holds(scope):
            return _End()
        words = "" if step.reason is None else str(step.reason.shown(scope) or "")
        words = words or step.passes.explain(scope, self._sensitive)
        return _End(stopped=Outcome(kind=step.kind, code=ReasonCode.FILTERED, words=words))

    def _skipped(self, steps: Iterable[Step], code: ReasonCode, words: str) -> _End:
        """Skip everything below `steps` that has no answer yet."""
        seen: list[str] = []
        for step in steps:
            for deliver in deliveries(step):
                seen.append(deliver.delivery)
                if deliver.delivery not in self._answers:
                    self.skip.append(Skip(deliver=deliver, outcome=skipped(code, words)))
        return _End(seen=tuple(name for name in seen if name in self._answers))

    def _scope(self, seen: tuple[str, ...], governs: Iterable[Deliver]) -> Scope:
        """What a condition reads that decides about these deliveries."""
        answers = self._answers
        if self._late.firsts and any(each.delivery in self._late.begun for each in governs):
            answers = {**answers, **self._late.firsts}
        return Scope.of(self._lead, **visible(answers, seen), typed=self._typed)

    def _result(self, end: _End) -> Result:
        if end.accepted:
            return Result.SUCCESS
        if end.rests:
            return Result.UNRESOLVED
        kinds = {self._answers[name].kind for name in end.deciding}
        if end.stopped is not None:
            kinds.add(end.stopped.kind)
        return Result.ERROR if kinds & ERRORS else Result.FAILURE

    def _reason(self, end: _End, accepted: list[str]) -> str:
        if end.accepted:
            return f"accepted by {', '.join(accepted)}"
        if end.rests:
            names = [name for name in end.deciding if self._answers[name].is_unresolved]
            return f"{', '.join(names)} may have it and has not said so"
        said = [_said(name, self._answers[name]) for name in end.deciding if not self._answers[name].accepted]
        if end.stopped is not None:
            said.append(end.stopped.words)
        return "; ".join(said) or "no destination was tried"


class Visible(TypedDict):
    """What a step may read of earlier ones, by destination."""

    outcomes: dict[str, Outcome]
    appended: dict[str, Mapping[str, Any]]


def visible(answers: Answers, seen: Iterable[str]) -> Visible:
    """The answers of these deliveries by destination; a later one of a destination replaces an earlier."""
    outcomes = {destination_of(name): answers[name] for name in seen}
    appended = {name: answer.appended for name, answer in outcomes.items() if answer.appended}
    return Visible(outcomes=outcomes, appended=appended)


def _joined(ends: Iterable[_End]) -> _End:
    """Several steps as one: it accepted if any did, and rests if any does."""
    ends = list(ends)
    return _End(
        seen=tuple(name for end in ends for name in end.seen),
        accepted=any(end.accepted for end in ends),
        rests=any(end.rests for end in ends),
        deciding=tuple(name for end in ends for name in end.deciding),
        stopped=next((end.stopped for end in ends if end.stopped is not None), None),
    )


def _said(name: str, answer: Outcome) -> str:
    return f"{name}: {answer.words or answer.code or answer.kind}"


def _revenue(answers: Iterable[Outcome]) -> tuple[Money, ...]:
    """Prices of accepted deliveries, added up by currency."""
    totals: dict[str, Decimal] = {}
    for answer in answers:
        if answer.price is not None:
            totals[answer.currency] = totals.get(answer.currency, Decimal(0)) + answer.price
    return tuple(Money(amount=amount, currency=currency) for currency, amount in totals.items())
