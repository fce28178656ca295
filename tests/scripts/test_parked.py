"""A crowd of parked leads costs no more memory than a few, and comes back in due order (behaviour 4.4)."""

import tracemalloc
from pathlib import Path

import pytest
import trio
from scripts.parked import PACE, Crowd, fill, woken

import leadrelay
from leadrelay.runtime.waker import PAGE
from values import MOMENT

pytestmark = pytest.mark.timeout(180)
BEFORE_NOW = MOMENT - 10**15  # so long ago that all are due
A_LEAD = 150  # bytes that one takes in a page: its id, its moment and the pair of them
OURS = tracemalloc.Filter(inclusive=True, filename_pattern=f"{Path(leadrelay.__file__).parent}/*")


def held(folder: Path, count: int, wanted: int) -> tuple[int, list[int]]:
    """What our code holds in memory while it wakes, in bytes, and the moments in order of waking.

    Only what our own lines have allocated: whatever else the process of a long test run still has to do in
    its threads would count as well, and made a peak of all memory differ by itself.
    """
    crowd, seen = Crowd(count, BEFORE_NOW), list[tracemalloc.Snapshot]()
    fill(folder, crowd)
    tracemalloc.start()
    try:
        rung = trio.run(woken, folder, crowd, wanted, lambda: seen.append(tracemalloc.take_snapshot()))
    finally:
        tracemalloc.stop()
    (snapshot,) = seen
    return sum(each.size for each in snapshot.filter_traces([OURS]).traces), [due for due, _ in rung]


def test_a_hundred_thousand_parked_leads_need_the_memory_of_a_thousand(tmp_path: Path) -> None:
    wanted = 2 * PAGE + PAGE // 2
    few, _ = held(tmp_path / "few", 1_000, wanted)
    many, dues = held(tmp_path / "many", 100_000, wanted)
    assert dues == [BEFORE_NOW + place * PACE for place in range(wanted)], "in order, and none left out"
    # The last page may still be in the hands of the thread that read it. All leads would be 15 MB.
    assert many < few + 2 * PAGE * A_LEAD
