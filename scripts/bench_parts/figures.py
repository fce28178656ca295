"""Figures of a run: a few quantiles, never an average of latencies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """Quantiles in ms."""

    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    worst: float = 0.0


def spread(seconds: Iterable[float]) -> Spread:
    found = sorted(seconds)
    if not found:
        return Spread()
    return Spread(*(round(_quantile(found, q) * 1000, 2) for q in (0.5, 0.95, 0.99, 1.0)))


def median(values: Iterable[float]) -> float:
    return _quantile(sorted(values), 0.5)


def _quantile(ordered: Sequence[float], q: float) -> float:
    """The smallest value that a share `q` of all do not exceed."""
    return ordered[min(len(ordered) - 1, max(0, -int(-q * len(ordered)) - 1))]
