"""What very many parked leads cost: fills a journal with them, wakes those that are due, and says so.

The journal is the server's own, and so is the waker; only the leads are made up. A million takes a few
minutes, nearly all of it for making them.

    python scripts/parked.py [COUNT]
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import trio

from leadrelay.core.facts import Entry, LeadParked, LeadReceived
from leadrelay.core.lead import Lead, TraceContext
from leadrelay.core.trace import trace_id_of
from leadrelay.journal.journal import open_journal
from leadrelay.journal.rows import parcel
from leadrelay.journal.sqlite import SqliteStore
from leadrelay.journal.store import Parcel
from leadrelay.runtime.clock import WallClock
from leadrelay.runtime.waker import Waker

BATCH = 5_000
STEP = 7_919  # a prime, so that leads are due in another order than the one in which they came
SOON = 2_000  # leads that come due while we look
SECOND = 1_000_000_000
PACE = 2 * SECOND // 1_000  # from one that is due to the next


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many parked leads, the first of which is due at a moment and one more every PACE."""

    count: int
    first_due: int

    def due_at(self, lead_id: str) -> int:
        return self.first_due + int(lead_id[-8:], 16) * STEP % self.count * PACE

    def parcels(self) -> Iterator[Parcel]:
        for number in range(self.count):
            lead_id = f"01935f00-0000-7000-8000-0000{number:08x}"
            lead = Lead(
                id=lead_id,
                flow="loans",
                fields={"email": f"{number}@example.com"},
                received_at=self.first_due,
                trace=TraceContext(trace_id=trace_id_of(lead_id)),
                catalog_version=1,
            )
            rests = LeadParked(due_at=self.due_at(lead_id))
            yield parcel(
                [
                    Entry(lead_id, 1, self.first_due, LeadReceived(lead=lead)),
                    Entry(lead_id, 2, self.first_due, rests),
                ]
            )


def fill(folder: Path, crowd: Crowd) -> None:
    """A journal with these leads in it."""
    store, batch = SqliteStore.open(folder), list[Parcel]()
    for each in crowd.parcels():
        batch.append(each)
        if len(batch) == BATCH:
            store.commit(batch)
            batch.clear()
    store.commit(batch)
    store.close()


async def woken(
    folder: Path, crowd: Crowd, wanted: int, then: Callable[[], None] = lambda: None
) -> list[tuple[int, int]]:
    """The first leads that come back: when each was due, and how late it came (ns).

    `then` is called with the last of them, while the waker is at work.
    """
    rung, enough, clock = list[tuple[int, int]](), trio.Event(), WallClock()

    async def ring(lead_id: str) -> None:
        due_at = crowd.due_at(lead_id)
        rung.append((due_at, clock.now() - due_at))
        if len(rung) == wanted:
            then()
            enough.set()
        await trio.lowlevel.checkpoint()

    async with open_journal(folder, read_only=True) as journal, trio.open_nursery() as nursery:
        nursery.start_soon(Waker(journal, clock, ring).run)
        await enough.wait()
        nursery.cancel_scope.cancel()
    return rung[:wanted]


def resident() -> float:
    """Memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


def main(count: int) -> int:
    """Exit 0 where all came in order."""
    with tempfile.TemporaryDirectory() as name:
        folder, began = Path(name), time.monotonic()
        patience = 2 * SECOND + count * 150_000  # the filling has to be over before the first is due
        crowd = Crowd(count, time.time_ns() + patience)
        fill(folder, crowd)
        size = (folder / "journal.db").stat().st_size / 2**20
        print(f"{count:,} parked leads, made in {time.monotonic() - began:.0f} s: {size:,.0f} MiB on disk")
        before = resident()
        rung = trio.run(woken, folder, crowd, min(SOON, count))
        late = sorted(lateness / 1e6 for _, lateness in rung)
        in_order = [due for due, _ in rung] == sorted(due for due, _ in rung)
        print(f"memory {before:.1f} MiB before the waker began, {resident():.1f} after it woke {len(rung):,}")
        print(f"woken {'in the order in which they were due' if in_order else 'OUT OF ORDER'}")
        print(f"late by {late[len(late) // 2]:.1f} ms (median), {late[-1]:.1f} ms (at most)")
    return 0 if in_order else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
