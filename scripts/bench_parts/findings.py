"""Everything that a run found out, for the report."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scripts.bench_parts.figures import Spread
from scripts.bench_parts.http_cost import HttpCost
from scripts.bench_parts.ledger import Audit
from scripts.bench_parts.mapping_cost import MappingCost
from scripts.bench_parts.pauses import PauseCost
from scripts.bench_parts.phases import Cost, Memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All figures of one run."""

    machine: dict[str, str]
    costs: tuple[Cost, ...]
    saturation: float  # leads a second
    half_load: Cost
    to_first_byte: Spread  # from the journal, at half load
    parts: dict[str, float]  # µs per lead
    http: tuple[HttpCost, ...]
    mapping: MappingCost
    memory: Memory
    calls: Memory  # of a server that only answers calls
    pauses: Sequence[PauseCost]
    audits: tuple[Audit, ...]
    others_busy: float  # share of the machine that went to other work
    took: float  # seconds

    @property
    def same_flow(self) -> float:
        """The dearest over the cheapest load of the flow with the widest range, from quiet to busy."""
        return _range(cost for cost in self.costs if cost.cell.flow == self.costs[0].cell.flow)

    @property
    def same_rate(self) -> float:
        """The dearest over the cheapest load of the highest rate, from few to many leads in flight."""
        rate = max(cost.cell.rate for cost in self.costs)
        return _range(cost for cost in self.costs if cost.cell.rate == rate)


def _range(costs: Iterable[Cost]) -> float:
    values = [cost.whole for cost in costs]
    return max(values) / min(values)
