"""One flow, compiled from its message to the tree that `plan` walks."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from leadrelay.core import flow as core
from leadrelay.core.condition import Condition
from leadrelay.core.destination import WhenUnknown
from leadrelay.core.outcome import Kind
from leadrelay.edges.catalog.compile_reading import kind_of
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.problems import did_you_mean, named
from leadrelay.v1 import flow_pb2 as pb

_STEPS = "`deliver`, `sequence`, `waterfall`, `parallel`, `branch` or `filter`"
_ENDS = (Kind.HARD_REJECT, Kind.SOFT_REJECT, Kind.SYSTEM_ERROR)  # what a filter may stop a flow with

StepKind = core.Deliver | core.Sequence | core.Waterfall | core.Parallel | core.Branch | core.Filter


def compile_flow(
    context: Context, path: Path, message: pb.Flow, destinations: Mapping[str, WhenUnknown]
) -> core.Flow | None:
    """The flow at a path, or None after every problem with it has been noted."""
    compiler = _FlowCompiler(context, destinations)
    root = compiler.sequence(path, message.steps)
    within = None
    if message.HasField("answer_within"):
        within = context.seconds((*path, "answer_within"), message.answer_within)
    if root is None or not compiler.is_whole:
        return None
    return core.Flow(name=message.name, root=core.Step(kind=root), answer_within=within)


class _FlowCompiler:
    """Goes through one flow in document order; `is_whole` stays true while every step was understood."""

    def __init__(self, context: Context, destinations: Mapping[str, WhenUnknown]) -> None:
        self._context, self._destinations = context, destinations
        self._findings = context.findings
        self._deliveries: Counter[str] = Counter()
        self.is_whole = True

    def sequence(self, path: Path, steps: Sequence[pb.Step]) -> core.Sequence:
        return core.Sequence(steps=self._steps(path, steps))

    def _steps(
        self, path: Path, steps: Sequence[pb.Step], *, name: str = "steps", in_parallel: bool = False
    ) -> tuple[core.Step, ...]:
        if not steps:
            self._lacks(path, f"has no {name}: without any, nothing is done here")
        places = ((*path, name, index) for index in range(len(steps)))
        compiled = (self._step(at, step, in_parallel) for at, step in zip(places, steps, strict=True))
        return tuple(step for step in compiled if step is not None)

    def _step(self, path: Path, step: pb.Step, in_parallel: bool) -> core.Step | None:
        when = self._context.condition((*path, "when"), step.when)
        if step.when and when is None:
            self.is_whole = False
        if step.required and not in_parallel:
            message = "means something in a parallel step only; remove it"
            self._findings.problem((*path, "required"), message)
        kind = self._kind(path, step)
        if kind is None:
            self.is_whole = False
            return None
        return core.Step(kind=kind, when=when, required=step.required)

    def _kind(self, path: Path, step: pb.Step) -> StepKind | None:
        match step.WhichOneof("kind"):
            case "deliver":
                return self._deliver((*path, "deliver"), step.deliver)
            case "sequence":
                return self.sequence((*path, "sequence"), step.sequence.steps)
            case "waterfall":
                return self._waterfall((*path, "waterfall"), step.waterfall)
            case "parallel":
                below = (*path, "parallel")
                return core.Parallel(steps=self._steps(below, step.parallel.steps, in_parallel=True))
            case "branch":
                return self._branch((*path, "branch"), step.branch)
            case "filter":
                return self._filter((*path, "filter"), step.filter)
            case None:
                self._lacks(path, f"says nothing to do; add {_STEPS}")
        return None  # one that this version does not carry, which is said elsewhere

    def _deliver(self, path: Path, name: str) -> core.Deliver | None:
        if name not in self._destinations:
            if not name:
                self._findings.problem(path, "needs the name of a destination")
            elif not self._findings.is_torn:
                hint = did_you_mean(name, self._destinations, otherwise="there are")
                self._findings.problem(path, f"there is no destination {named(name)}{hint}")
            return None
        self._deliveries[name] += 1
        number = self._deliveries[name]
        return core.Deliver(
            delivery=name if number == 1 else f"{name}#{number}",
            destination=name,
            # What was sent again and is still unknown is as unknown as before: only `continue` lets it go.
            holds_unknown=self._destinations[name] is not WhenUnknown.CONTINUE,
        )

    def _waterfall(self, path: Path, waterfall: pb.Waterfall) -> core.Waterfall:
        steps = self._steps(path, waterfall.steps)
        if waterfall.stop_after > len(waterfall.steps) > 0:
            message = f"it can be sold {len(waterfall.steps)} times at most, once for each step"
            self._findings.warning((*path, "stop_after"), message)
        return core.Waterfall(steps=steps, stop_after=waterfall.stop_after or 1)

    def _branch(self, path: Path, branch: pb.Branch) -> core.Branch:
        if not branch.arms:
            self._lacks(path, "has no arms; write `arms: [{when: ..., steps: [...]}]`")
        arms = (self._arm((*path, "arms", index), arm) for index, arm in enumerate(branch.arms))
        otherwise = None
        compiled = tuple(arm for arm in arms if arm is not None)
        if branch.otherwise:
            steps = self._steps(path, branch.otherwise, name="otherwise")
            otherwise = core.Step(kind=core.Sequence(steps=steps))
        return core.Branch(arms=compiled, otherwise=otherwise)

    def _arm(self, path: Path, arm: pb.Arm) -> tuple[Condition, core.Step] | None:
        if not arm.when:
            self._lacks(path, "needs `when`; what is done in every other case stands under `otherwise`")
        condition = self._context.condition((*path, "when"), arm.when) if arm.when else None
        steps = core.Step(kind=self.sequence(path, arm.steps))
        if condition is None:
            self.is_whole = False
            return None
        return condition, steps

    def _filter(self, path: Path, message: pb.Filter) -> core.Filter | None:
        if not message.pass_when:
            self._lacks(path, "needs `pass_when`, the condition that lets a lead pass")
            return None
        passes = self._context.condition((*path, "pass_when"), message.pass_when)
        reason = self._context.template((*path, "reason"), message.reason) if message.reason else None
        kind = kind_of(message.outcome) or Kind.HARD_REJECT
        if kind not in _ENDS:
            words = f"a filter cannot end in {named(kind)}; it is one of {_words(_ENDS)}"
            self._findings.problem((*path, "outcome"), words)
        if passes is None or (message.reason and reason is None):
            return None
        return core.Filter(passes=passes, reason=reason, kind=kind)

    def _lacks(self, path: Path, message: str) -> None:
        self.is_whole = False
        self._findings.absence(path, message)


def _words(kinds: Iterable[Kind]) -> str:
    return ", ".join(kind.value for kind in kinds)
