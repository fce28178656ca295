"""A crowd of parked leads costs no more memory than a few, and comes back in due order (behaviour 4.4)."""

import tracemalloc
from pathlib import Path

import pytest
import trio
from scripts.parked import PACE, Crowd, fill, woken

from leadrelay.runtime.waker import PAGE
from values import MOMENT

pytestmark = pytest.mark.timeout(180)
BEFORE_NOW = MOMENT - 10**15  # so long ago that all are due


def peak(folder: Path, count: int, wanted: int) -> tuple[int, list[int]]:
    """The most memory that waking took, in bytes, and the moments in order of waking."""
    crowd = Crowd(count, BEFORE_NOW)
    fill(folder, crowd)
    tracemalloc.start()
    try:
        rung = trio.run(woken, folder, crowd, wanted)
        return tracemalloc.get_traced_memory()[1], [due for due, _ in rung]
    finally:
        tracemalloc.stop()


def test_a_hundred_thousand_parked_leads_need_the_memory_of_a_thousand(tmp_path: Path) -> None:
    wanted = 3 * PAGE
    few, _ = peak(tmp_path / "few", 1_000, wanted)
    many, dues = peak(tmp_path / "many", 100_000, wanted)
    assert dues == [BEFORE_NOW + place * PACE for place in range(wanted)], "in order, and none left out"
    # Held in memory they would take tens of MB; threads that come late make a peak vary by some hundred KB.
    assert many < few + 2 * 1024 * 1024
