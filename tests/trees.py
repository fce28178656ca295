"""Flows of any shape, and a lead's way through one, for tests of what holds in all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random

from hypothesis import strategies as st

from leadrelay.core.condition import Condition, compile_condition
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
    children,
    rotates,
)
from leadrelay.core.lead import Lead
from leadrelay.core.outcome import Arrived, Kind, Money, Outcome, ReasonCode, skipped
from leadrelay.core.plan import Plan, plan
from leadrelay.core.settlement import Settlement
from leadrelay.core.turns import turns_to_draw
from values import a_lead

NAMES = [f"d{number}" for number in range(40)]
STATES = ["CA", "TX"]

OUTCOMES = [
    Outcome(kind=Kind.SUCCESS, price=Decimal("12.50"), currency="USD", reference="R-1"),
    Outcome(kind=Kind.SUCCESS, price=Decimal("3"), currency="USD"),
    Outcome(kind=Kind.SUCCESS, price=Decimal("7"), currency="EUR"),
    Outcome(kind=Kind.SUCCESS),
    Outcome(kind=Kind.HARD_REJECT, code=ReasonCode.DUPLICATE, words="Duplicate lead"),
    Outcome(kind=Kind.SOFT_REJECT, code=ReasonCode.UNAVAILABLE),
    Outcome(kind=Kind.SYSTEM_ERROR, code=ReasonCode.CONNECT, arrived=Arrived.NO),
    Outcome(kind=Kind.TIMEOUT, code=ReasonCode.TIMEOUT_RESPONSE, arrived=Arrived.UNKNOWN),
    skipped(ReasonCode.CAP_FULL, "50 of 50 today"),
]
outcomes = st.fixed_dictionaries({name: st.sampled_from(OUTCOMES) for name in NAMES})

conditions = st.one_of(
    st.sampled_from(STATES).map(lambda state: f'state == "{state}"'),
    st.tuples(st.sampled_from(NAMES[:12]), st.sampled_from(["success", "hard_reject", "skipped"])).map(
        lambda pair: f'{pair[0]}.outcome == "{pair[1]}"'
    ),
    st.sampled_from(NAMES[:12]).map(lambda name: f"{name}.price > 5"),
).map(compile_condition)


class _Builder:
    """Numbers the deliveries of one flow in document order."""

    def __init__(self, draw: Callable[[st.SearchStrategy[object]], object], *, is_narrow: bool) -> None:
        self._draw, self._is_narrow = draw, is_narrow
        self._named = self._waterfalls = 0

    def draw(self, strategy: st.SearchStrategy[object]) -> object:
        return self._draw(strategy)

    def deliver(self, *, is_ping: bool = False) -> Deliver:
        name = NAMES[min(self._named, len(NAMES) - 1)]
        self._named += 1
        holds = bool(self._draw(st.booleans()))
        within = 3.0 if is_ping else None
        return Deliver(delivery=name, destination=name, holds_unknown=holds, bid_within=within)

    @property
    def has_room(self) -> bool:
        return self._named < len(NAMES) - 8

    def when(self) -> Condition | None:
        drawn = self._draw(st.one_of(st.none(), st.none(), conditions))
        assert drawn is None or isinstance(drawn, Condition)
        return drawn

    def number(self, least: int, most: int) -> int:
        drawn = self._draw(st.integers(least, most))
        assert isinstance(drawn, int)
        return drawn

    def step(self, depth: int) -> Step:
        wide = [] if self._is_narrow else ["sequence", "parallel", "filter"]
        kinds = ["deliver", "deliver", "waterfall", "auction", "branch", *wide]
        kind = self._draw(st.sampled_from(kinds)) if depth and self.has_room else "deliver"
        built = getattr(self, f"_{kind}")(depth)
        price = self._draw(st.one_of(st.none(), st.integers(0, 5).map(Decimal)))
        assert price is None or isinstance(price, Decimal)
        is_required = bool(self._draw(st.booleans()))
        return Step(kind=built, when=self.when(), required=is_required, weight=self.number(1, 5), price=price)

    def steps(self, depth: int) -> tuple[Step, ...]:
        return tuple(self.step(depth - 1) for _ in range(self.number(1, 4)))

    def _deliver(self, depth: int) -> Deliver:
        return self.deliver()

    def _sequence(self, depth: int) -> Sequence:
        return Sequence(steps=self.steps(depth))

    def _parallel(self, depth: int) -> Parallel:
        return Parallel(steps=self.steps(depth))

    def _waterfall(self, depth: int) -> Waterfall:
        order = self._draw(st.sampled_from(list(Order)))
        assert isinstance(order, Order)
        self._waterfalls += 1
        return Waterfall(
            steps=self.steps(depth),
            stop_after=self.number(1, 3),
            order=order,
            name=f"loans/{self._waterfalls}",
        )

    def _auction(self, depth: int) -> Auction:
        least = self._draw(st.one_of(st.none(), st.just(Money(amount=Decimal(5), currency="USD"))))
        assert least is None or isinstance(least, Money)
        bidders = tuple(
            Bidder(ping=self.deliver(is_ping=True), post=self.deliver(), when=self.when())
            for _ in range(self.number(1, 3))
        )
        return Auction(bidders=bidders, minimum=least, stop_after=self.number(1, 2))

    def _branch(self, depth: int) -> Branch:
        arms = tuple(
            (self.when() or compile_condition('state == "CA"'), self.step(depth - 1))
            for _ in range(self.number(1, 2))
        )
        return Branch(arms=arms, otherwise=self.step(depth - 1) if self._draw(st.booleans()) else None)

    def _filter(self, depth: int) -> Filter:
        return Filter(passes=self.when() or compile_condition('state != "none"'))


@st.composite
def flows(draw: st.DrawFn, *, is_narrow: bool = False) -> Flow:
    """A flow of any shape; a narrow one has no step that delivers to several whatever they answer."""
    builder = _Builder(draw, is_narrow=is_narrow)
    root = builder.step(depth=4)
    return Flow(name="loans", root=root, rotates=rotates(root))


leads = st.builds(
    lambda number, state: a_lead(lead_id=f"01935f00-0000-7000-8000-{number:012d}", state=state),
    st.integers(0, 10_000),
    st.sampled_from(STATES),
)


@dataclass
class Way:
    """A lead's way through a flow: every plan that was made of it."""

    flow: Flow
    lead: Lead
    plans: list[Plan] = field(default_factory=list)
    answers: dict[str, Outcome] = field(default_factory=dict)
    turns: dict[str, int] = field(default_factory=dict)

    @property
    def settled(self) -> Settlement:
        end = self.plans[-1].settled
        assert end is not None
        return end

    @property
    def tried(self) -> set[str]:
        return {start.deliver.delivery for each in self.plans for start in each.start}

    def decide(self) -> Plan:
        return plan(self.flow, self.lead, self.answers, turns=self.turns)


def walk(flow: Flow, lead: Lead, said: Mapping[str, Outcome], arrival: Random, turn: int = 1) -> Way:
    """As the courier goes, with what each destination says; `arrival` is the order of the answers."""
    way = Way(flow, lead, turns=dict.fromkeys(turns_to_draw(flow, lead), turn))
    while True:
        decided = way.decide()
        way.plans.append(decided)
        way.answers |= {skip.deliver.delivery: skip.outcome for skip in decided.skip}
        if decided.settled is not None:
            return way
        start = arrival.choice(decided.start)
        way.answers[start.deliver.delivery] = _final(start.deliver, said[start.deliver.delivery])


def _final(deliver: Deliver, outcome: Outcome) -> Outcome:
    return replace(outcome, arrived=Arrived.NO) if deliver.is_ping and outcome.is_unresolved else outcome


def steps_of(flow: Flow) -> list[Step]:
    """Every step of a flow."""

    def below(step: Step) -> list[Step]:
        return [step, *(each for child in children(step) for each in below(child))]

    return below(flow.root)
