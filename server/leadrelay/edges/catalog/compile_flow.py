"""One flow, compiled from its message to the tree that `plan` walks."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from leadrelay.core import flow as core
from leadrelay.core.condition import Condition
from leadrelay.core.destination import WhenUnknown
from leadrelay.core.implying import implies, reads_nothing
from leadrelay.core.outcome import Kind
from leadrelay.core.pricing import PriceRule
from leadrelay.core.scope import Scope
from leadrelay.core.template import Template
from leadrelay.edges.catalog.compile_auction import compile_auction
from leadrelay.edges.catalog.compile_order import check_order, expected_price, order_of
from leadrelay.edges.catalog.compile_reading import kind_of
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.knowing import check_condition, check_template
from leadrelay.edges.catalog.problems import did_you_mean, named
from leadrelay.edges.catalog.references import destinations_in
from leadrelay.v1 import flow_pb2 as pb

# Each level of steps takes up to three of the hundred that protobuf libraries read of a message.
MAX_NESTING: Final = 30

_STEPS = "`deliver`, `sequence`, `waterfall`, `parallel`, `branch`, `auction` or `filter`"
_ENDS = (Kind.HARD_REJECT, Kind.SOFT_REJECT, Kind.SYSTEM_ERROR)  # what a filter may stop a flow with


@dataclass(frozen=True, slots=True)
class Known:
    """What a flow has to know of a destination."""

    when_unknown: WhenUnknown
    prices: tuple[PriceRule, ...] = ()


Arm = tuple[Condition, core.Step]
Before = frozenset[str]  # the destinations that may have ended when something begins


def compile_flow(
    context: Context, path: Path, message: pb.Flow, destinations: Mapping[str, Known]
) -> core.Flow | None:
    """The flow at a path, or None after every problem with it has been noted."""
    compiler = FlowCompiler(context, message.name, destinations)
    root = core.Step(kind=compiler.sequence(path, message.steps, frozenset()))
    within = None
    if message.HasField("answer_within"):
        within = context.seconds((*path, "answer_within"), message.answer_within)
    if not compiler.is_whole:
        return None
    return core.Flow(name=message.name, root=root, answer_within=within, rotates=core.rotates(root))


class FlowCompiler:
    """Goes through one flow in document order; `is_whole` stays true while every step was understood."""

    def __init__(self, context: Context, flow: str, destinations: Mapping[str, Known]) -> None:
        self.context, self._flow, self._destinations = context, flow, destinations
        self.findings = context.findings
        self._deliveries: Counter[str] = Counter()
        self._ordered: Counter[core.Order] = Counter()
        self._depth = 0
        self.is_whole = True

    def sequence(self, path: Path, steps: Sequence[pb.Step], before: Before) -> core.Sequence:
        return core.Sequence(steps=self._in_a_row(path, steps, before))

    def _in_a_row(
        self, path: Path, steps: Sequence[pb.Step], before: Before, *, name: str = "steps"
    ) -> tuple[core.Step, ...]:
        """Steps of which each may know what those before it came to."""
        compiled = []
        for at, step in self._places(path, steps, name):
            compiled.append(self._step(at, step, before))
            before |= set(destinations_in(step))
        return tuple(step for step in compiled if step is not None)

    def _places(
        self, path: Path, steps: Sequence[pb.Step], name: str = "steps"
    ) -> Iterator[tuple[Path, pb.Step]]:
        if not steps:
            self.lacks(path, f"has no {name}: without any, nothing is done here")
        yield from (((*path, name, index), step) for index, step in enumerate(steps))

    def _step(
        self, path: Path, step: pb.Step, before: Before, above: pb.Waterfall | pb.Parallel | None = None
    ) -> core.Step | None:
        """One step of any kind; `above` is what it stands in where that gives its keys a meaning."""
        if self._depth == MAX_NESTING:
            self.lacks(path, f"is nested more than {MAX_NESTING} steps deep")
            return None
        when = self.condition((*path, "when"), step.when, before)
        if step.required and not isinstance(above, pb.Parallel):
            message = "means something in a parallel step only; remove it"
            self.findings.problem((*path, "required"), message)
        check_order(self.context, path, above)
        price = self._price((*path, "price"), step)
        with self._deeper():
            kind = self._kind(path, step, before)
        if kind is None:
            self.is_whole = False
            return None
        return core.Step(kind=kind, when=when, required=step.required, weight=step.weight or 1, price=price)

    def _price(self, path: Path, step: pb.Step) -> core.Price:
        """What it is expected to pay, or what is agreed with its destination."""
        known = self._destinations.get(step.deliver)
        if known is not None and known.prices and not step.HasField("price"):
            return known.prices
        return expected_price(self.context, path, step)

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def _kind(self, path: Path, step: pb.Step, before: Before) -> Any:
        match step.WhichOneof("kind"):
            case "deliver":
                return self.deliver((*path, "deliver"), step.deliver)
            case "sequence":
                return self.sequence((*path, "sequence"), step.sequence.steps, before)
            case "waterfall":
                return self._waterfall((*path, "waterfall"), step.waterfall, before)
            case "parallel":
                return self._parallel((*path, "parallel"), step.parallel, before)
            case "branch":
                return self._branch((*path, "branch"), step.branch, before)
            case "auction":
                return compile_auction(self, (*path, "auction"), step.auction, before)
            case "filter":
                return self._filter((*path, "filter"), step.filter, before)
            case None:
                self.lacks(path, f"says nothing to do; add {_STEPS}")
        return None  # one that this version does not carry, which is said elsewhere

    def deliver(self, path: Path, name: str, *, bid_within: float | None = None) -> core.Deliver | None:
        """The delivery to a destination that is named at a path, a ping where it has time to bid."""
        if name not in self._destinations:
            if not name:
                self.findings.problem(path, "needs the name of a destination")
            elif not self.findings.is_torn:
                hint = did_you_mean(name, self._destinations, otherwise="there are")
                self.findings.problem(path, f"there is no destination {named(name)}{hint}")
            return None
        self._deliveries[name] += 1
        number = self._deliveries[name]
        return core.Deliver(
            delivery=name if number == 1 else f"{name}#{number}",
            destination=name,
            # What was sent again and is still unknown is as unknown as before: only `continue` lets it go.
            holds_unknown=self._destinations[name].when_unknown is not WhenUnknown.CONTINUE,
            bid_within=bid_within,
        )

    def _waterfall(self, path: Path, waterfall: pb.Waterfall, before: Before) -> core.Waterfall:
        order = order_of(self.context, path, waterfall, self._has_price)
        self._ordered[order] += 1
        name = "" if order is core.Order.LISTED else f"{self._flow}/{self._ordered[order]}"
        compiled = []
        began = before  # prices are looked at then
        if order is not core.Order.LISTED:  # any of them may come before any other
            before |= set(destinations_in(waterfall))
        for at, step in self._places(path, waterfall.steps):
            compiled.append(self._step(at, step, before, waterfall))
            before |= set(destinations_in(step))
            if compiled[-1] is not None and isinstance(compiled[-1].price, Template):
                check_template(self.context, (*at, "price"), compiled[-1].price, began)
        self.check_sales(path, waterfall, len(waterfall.steps), "step")
        return core.Waterfall(
            steps=tuple(step for step in compiled if step is not None),
            stop_after=waterfall.stop_after or 1,
            order=order,
            name=name,
        )

    def _has_price(self, step: pb.Step) -> bool:
        known = self._destinations.get(step.deliver)
        return step.HasField("price") or (known is not None and bool(known.prices))

    def check_sales(self, path: Path, message: pb.Waterfall | pb.Auction, most: int, each: str) -> None:
        if message.stop_after > most > 0:
            words = f"it can be sold {most} times at most, once for each {each}"
            self.findings.warning((*path, "stop_after"), words)

    def _parallel(self, path: Path, parallel: pb.Parallel, before: Before) -> core.Parallel:
        compiled = [self._step(at, step, before, parallel) for at, step in self._places(path, parallel.steps)]
        return core.Parallel(steps=tuple(step for step in compiled if step is not None))

    def _branch(self, path: Path, branch: pb.Branch, before: Before) -> core.Branch:
        if not branch.arms:
            self.lacks(path, "has no arms; write `arms: [{when: ..., steps: [...]}]`")
        arms = [self._arm((*path, "arms", index), arm, before) for index, arm in enumerate(branch.arms)]
        otherwise = None
        if branch.otherwise:
            steps = self._in_a_row(path, branch.otherwise, before, name="otherwise")
            otherwise = core.Step(kind=core.Sequence(steps=steps))
        self._unreachable(path, branch, arms)
        return core.Branch(arms=tuple(arm for arm in arms if arm is not None), otherwise=otherwise)

    def _arm(self, path: Path, arm: pb.Arm, before: Before) -> Arm | None:
        if not arm.when:
            self.lacks(path, "needs `when`; what is done in every other case stands under `otherwise`")
        condition = self.condition((*path, "when"), arm.when, before) if arm.when else None
        steps = core.Step(kind=self.sequence(path, arm.steps, before))
        return None if condition is None else (condition, steps)

    def _unreachable(self, path: Path, branch: pb.Branch, arms: Sequence[Arm | None]) -> None:
        """Arms that an earlier one leaves nothing to, as far as that can be seen without a lead."""
        earlier: list[tuple[int, str]] = []
        for index, arm in enumerate(arms):
            if arm is None:
                continue
            source = branch.arms[index].when
            place: Path = (*path, "arms", index)
            taker = next((at for at, before in earlier if implies(source, before)), None)
            if taker is not None:
                where = self.findings.where((*path, "arms", taker))
                words = f"is never reached: whenever its condition holds, the arm at {where} is taken first"
                self.findings.warning(place, words)
            elif reads_nothing(source):
                self._constant(place, branch, holds=arm[0].holds(Scope({})))
            earlier.append((index, source))

    def _constant(self, place: Path, branch: pb.Branch, *, holds: bool) -> None:
        if not holds:
            self.findings.warning(place, "is never reached: its condition holds for no lead")
        elif place[-1] != len(branch.arms) - 1 or branch.otherwise:
            words = "holds for every lead, so that nothing after this arm is ever reached"
            self.findings.warning((*place, "when"), words)

    def _filter(self, path: Path, message: pb.Filter, before: Before) -> core.Filter | None:
        if not message.pass_when:
            self.lacks(path, "needs `pass_when`, the condition that lets a lead pass")
            return None
        passes = self.condition((*path, "pass_when"), message.pass_when, before)
        reason = self.context.template((*path, "reason"), message.reason) if message.reason else None
        if reason is not None:
            check_template(self.context, (*path, "reason"), reason, before)
        kind = kind_of(message.outcome) or Kind.HARD_REJECT
        if kind not in _ENDS:
            words = f"a filter cannot end in {named(kind)}; it is one of {_words(_ENDS)}"
            self.findings.problem((*path, "outcome"), words)
        if passes is None or (message.reason and reason is None):
            return None
        return core.Filter(passes=passes, reason=reason, kind=kind)

    def condition(self, path: Path, text: str, before: Before) -> Condition | None:
        """The condition at a path, which may ask what `before` has answered."""
        condition = self.context.condition(path, text)
        if condition is not None:
            check_condition(self.context, path, condition, before)
        elif text:
            self.is_whole = False
        return condition

    def lacks(self, path: Path, message: str) -> None:
        self.is_whole = False
        self.findings.absence(path, message)


def _words(kinds: Iterable[Kind]) -> str:
    return ", ".join(kind.value for kind in kinds)
