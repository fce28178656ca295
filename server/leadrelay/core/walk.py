"""One pass over a flow's tree: what is to be started, what is not to be tried, and how it ended.

A step gives None while something at or below it is still open. The walk knows the lead, its turns
and the answers so far, and nothing else; `plan` is its only caller.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypedDict

from leadrelay.core.bids import Loser, Offer, ranked
from leadrelay.core.endings import End, joined
from leadrelay.core.flow import (
    Auction,
    Bidder,
    Branch,
    Deliver,
    Filter,
    Flow,
    Order,
    Parallel,
    Sequence,
    Step,
    Waterfall,
    deliveries,
    destination_of,
)
from leadrelay.core.lead import Lead
from leadrelay.core.order import by_price, by_weight
from leadrelay.core.outcome import Bid, Kind, Outcome, ReasonCode, skipped
from leadrelay.core.scope import Known, Scope
from leadrelay.core.template import Template, TemplateFault
from leadrelay.core.turns import Turns, by_turn
from leadrelay.core.values import text

Answers = Mapping[str, Outcome]  # by delivery
Quota = int | None  # how often a step may still sell the lead, where a waterfall above says so


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
    bid: Bid | None = None  # what it won the lead with, in an auction


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """A delivery that will not be tried, and why."""

    deliver: Deliver
    outcome: Outcome


class Walk:
    """One pass over the tree. A step gives None while something at or below it is still open."""

    def __init__(
        self,
        lead: Lead,
        flow: Flow,
        answers: Answers,
        sensitive: Collection[str],
        *,
        turns: Turns,
        known: Known | None,
        late: Late,
    ) -> None:
        self._lead, self._flow, self._sensitive = lead, flow, sensitive
        self.answers = dict(answers)  # with those of what is skipped on the way, which later steps see
        self._turns, self._known, self._late = turns, known, late
        self.start: list[Start] = []
        self.skip: list[Skip] = []
        self.waiting: list[str] = []

    def step(self, step: Step, seen: tuple[str, ...], quota: Quota) -> End | None:
        if step.when is not None:
            scope = self._scope(seen, deliveries(step))
            if not step.when.holds(scope):
                words = step.when.explain(scope, self._sensitive)
                return self._skipped(deliveries(step), ReasonCode.CONDITION_FALSE, words)
        match step.kind:
            case Deliver():
                return self._deliver(step.kind, seen)
            case Sequence():
                return self._sequence(step.kind.steps, seen, quota)
            case Waterfall():
                return self._waterfall(step.kind, seen, quota)
            case Parallel():
                return self._parallel(step.kind, seen, quota)
            case Branch():
                return self._branch(step.kind, seen, quota)
            case Auction():
                return self._auction(step.kind, seen, quota)
            case Filter():
                return self._filter(step.kind, seen)

    def _deliver(self, deliver: Deliver, seen: tuple[str, ...], bid: Bid | None = None) -> End | None:
        name = deliver.delivery
        answer = self.answers.get(name)
        if answer is None:
            self.start.append(Start(deliver=deliver, sees=seen, bid=bid))
            return None
        return End(
            seen=(name,),
            sold=(name,) if answer.accepted else (),
            accepted=answer.accepted,
            rests=answer.is_unresolved and deliver.holds_unknown,
            deciding=() if answer.kind is Kind.SKIPPED else (name,),
        )

    def _sequence(self, steps: tuple[Step, ...], seen: tuple[str, ...], quota: Quota) -> End | None:
        ends: list[End] = []
        for position, step in enumerate(steps):
            end = self.step(step, seen, quota)
            if end is None:
                return None
            ends.append(end)
            seen += end.seen
            if end.stopped is not None:
                rest = _below(steps[position + 1 :])
                ends.append(self._skipped(rest, ReasonCode.FILTERED, end.stopped.words))
                break
        return joined(ends)

    def _waterfall(self, waterfall: Waterfall, seen: tuple[str, ...], quota: Quota) -> End | None:
        ends: list[End] = []
        sold: tuple[str, ...] = ()
        most = _least(waterfall.stop_after, quota)
        steps = self._in_order(waterfall, seen)
        for position, step in enumerate(steps):
            if len(sold) >= most:
                words = f"sold to {', '.join(sold)}"
                ends.append(self._skipped(_below(steps[position:]), ReasonCode.ALREADY_SOLD, words))
                break
            end = self.step(step, seen, most - len(sold))
            if end is None:
                return None
            ends.append(end)
            seen += end.seen
            sold += end.sold if end.accepted else ()
            if end.stopped is not None:
                rest = _below(steps[position + 1 :])
                ends.append(self._skipped(rest, ReasonCode.FILTERED, end.stopped.words))
                break
            if end.rests and len(sold) < most:
                self.waiting += [deliver.delivery for deliver in _below(steps[position + 1 :])]
                break
        return joined(ends)

    def _in_order(self, waterfall: Waterfall, seen: tuple[str, ...]) -> tuple[Step, ...]:
        match waterfall.order:
            case Order.LISTED:
                return waterfall.steps
            case Order.WEIGHT:
                return by_weight(waterfall, self._lead)
            case Order.ROUND_ROBIN:
                return by_turn(waterfall, self._flow, self._lead, self._turns, self._known)
            case Order.PRICE:
                return by_price(waterfall, self._scope(seen, _below(waterfall.steps)))

    def _auction(self, auction: Auction, seen: tuple[str, ...], quota: Quota) -> End | None:
        """The pings at once, then, like a waterfall, the posts of those that bid."""
        ends: list[End] = []
        answered: list[tuple[Bidder, Outcome]] = []
        is_open = False
        for bidder in auction.bidders:
            out = self._left_out(bidder, seen)
            answer = self.answers.get(bidder.ping.delivery)
            if out is not None:
                ends.append(out)
            elif answer is None:
                self.start.append(Start(deliver=bidder.ping, sees=seen))
                is_open = True
            else:
                ends.append(End(seen=(bidder.ping.delivery,)))
                answered.append((bidder, answer))
        if is_open:
            return None
        offers, losers = ranked(auction, answered)
        seen += tuple(name for end in ends for name in end.seen)
        ends += [self._skipped([loser.bidder.post], ReasonCode.AUCTION_LOST, loser.why) for loser in losers]
        if not offers:
            return joined([*ends, End(remarks=(_nobody_bid(losers),))])
        posted = self._posts(offers, seen, _least(auction.stop_after, quota))
        return None if posted is None else joined([*ends, posted])

    def _left_out(self, bidder: Bidder, seen: tuple[str, ...]) -> End | None:
        """A bidder whose condition does not hold is not even asked."""
        if bidder.when is None:
            return None
        both = [bidder.ping, bidder.post]
        scope = self._scope(seen, both)
        if bidder.when.holds(scope):
            return None
        words = bidder.when.explain(scope, self._sensitive)
        return self._skipped(both, ReasonCode.CONDITION_FALSE, words)

    def _posts(self, offers: list[Offer], seen: tuple[str, ...], most: int) -> End | None:
        """From the highest bid down until it is sold often enough."""
        ends: list[End] = []
        sold: tuple[str, ...] = ()
        for position, offer in enumerate(offers):
            rest = [later.bidder.post for later in offers[position:]]
            if len(sold) >= most:
                words = f"outbid: sold to {', '.join(sold)}"
                ends.append(self._skipped(rest, ReasonCode.AUCTION_LOST, words))
                break
            end = self._deliver(offer.bidder.post, seen, offer.bid)
            if end is None:
                return None
            ends.append(end)
            seen += end.seen
            sold += end.sold
            if end.rests:
                self.waiting += [post.delivery for post in rest[1:]]
                break
        return joined(ends)

    def _parallel(self, parallel: Parallel, seen: tuple[str, ...], quota: Quota) -> End | None:
        ends = [self.step(step, seen, quota) for step in parallel.steps]
        closed = [end for end in ends if end is not None]
        if len(closed) < len(ends):
            return None
        whole = joined(closed)
        required = [end for step, end in zip(parallel.steps, closed, strict=True) if step.required]
        if not required:
            return whole
        against = [end for end in required if not end.accepted]
        decided = joined(against)
        return End(
            seen=whole.seen,
            sold=whole.sold,
            accepted=not against,
            rests=decided.rests,
            deciding=tuple(name for end in against for name in self._says_why(end)),
            remarks=decided.remarks,
            stopped=whole.stopped,
        )

    def _says_why(self, end: End) -> tuple[str, ...]:
        """The deliveries that say why a required step failed: one that was not tried at all has only that."""
        if end.deciding or end.remarks:
            return end.deciding
        return tuple(name for name in end.seen if self.answers[name].kind is Kind.SKIPPED)

    def _branch(self, branch: Branch, seen: tuple[str, ...], quota: Quota) -> End | None:
        scope = self._scope(seen, deliveries(Step(kind=branch)))
        taken: Step | None = None
        skips: list[End] = []
        for condition, arm in branch.arms:
            if taken is not None:
                skips.append(self._not_taken(arm))
            elif condition.holds(scope):
                taken = arm
            else:
                words = condition.explain(scope, self._sensitive)
                skips.append(self._skipped(deliveries(arm), ReasonCode.CONDITION_FALSE, words))
        if branch.otherwise is not None:
            if taken is None:
                taken = branch.otherwise
            else:
                skips.append(self._not_taken(branch.otherwise))
        if taken is None:
            return joined(skips)
        end = self.step(taken, seen, quota)
        return None if end is None else joined([end, *skips])

    def _not_taken(self, arm: Step) -> End:
        return self._skipped(deliveries(arm), ReasonCode.CONDITION_FALSE, "an earlier arm was taken")

    def _filter(self, step: Filter, seen: tuple[str, ...]) -> End:
        scope = self._scope(seen, (each for each in self._flow.deliveries() if each.delivery not in seen))
        if step.passes.holds(scope):
            return End()
        words = _rendered(step.reason, scope) or step.passes.explain(scope, self._sensitive)
        return End(stopped=Outcome(kind=step.kind, code=ReasonCode.FILTERED, words=words))

    def _skipped(self, untried: Iterable[Deliver], code: ReasonCode, words: str) -> End:
        """Skip those that have no answer yet."""
        seen: list[str] = []
        for deliver in untried:
            seen.append(deliver.delivery)
            if deliver.delivery not in self.answers:
                skip = Skip(deliver=deliver, outcome=skipped(code, words))
                self.answers[deliver.delivery] = skip.outcome
                self.skip.append(skip)
        return End(seen=tuple(seen))

    def _scope(self, seen: tuple[str, ...], governs: Iterable[Deliver]) -> Scope:
        """What a condition reads that decides about these deliveries."""
        answers = self.answers
        if self._late.firsts and any(each.delivery in self._late.begun for each in governs):
            answers = {**answers, **self._late.firsts}
        return Scope.of(self._lead, **visible(answers, seen), known=self._known)


class Visible(TypedDict):
    """What a step may read of earlier ones, by destination."""

    outcomes: dict[str, Outcome]
    appended: dict[str, Mapping[str, Any]]


def visible(answers: Answers, seen: Iterable[str]) -> Visible:
    """The answers of these deliveries by destination; a later one of a destination replaces an earlier.

    One that was not tried replaces none that was: in each arm of a branch may stand the same destination.
    """
    outcomes: dict[str, Outcome] = {}
    for name in seen:
        destination, answer = destination_of(name), answers[name]
        if answer.kind is not Kind.SKIPPED or destination not in outcomes:
            outcomes[destination] = answer
    appended = {name: answer.appended for name, answer in outcomes.items() if answer.appended}
    return Visible(outcomes=outcomes, appended=appended)


def _below(steps: Iterable[Step]) -> list[Deliver]:
    return [deliver for step in steps for deliver in deliveries(step)]


def _least(stop_after: int, quota: Quota) -> int:
    """A waterfall inside another one sells no more often than that one still may."""
    return stop_after if quota is None else min(stop_after, quota)


def _nobody_bid(losers: list[Loser]) -> str:
    return (
        "; ".join(f"{loser.bidder.ping.delivery}: {loser.why}" for loser in losers)
        or "nobody was asked to bid"
    )


def _rendered(template: Template | None, scope: Scope) -> str:
    try:
        return "" if template is None else text(template.shown(scope))
    except TemplateFault as fault:
        scope.warnings.append(f"a reason cannot be told: {fault}")
        return ""
