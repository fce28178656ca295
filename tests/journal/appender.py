"""A process that appends until it is killed, and says what it was told is durable.

Each line on stdout is a lead's place and the number of its last entry that `append` returned for.
"""

import sys
from pathlib import Path

import trio

from journal.samples import received, settled, started
from leadrelay.journal.journal import Journal, open_journal

LEADS_AT_ONCE = 16


async def lead(journal: Journal, place: int) -> None:
    await journal.append([received(place, request_id=f"request {place}", note="x" * 500)])
    say(place, 1)
    for number in range(2, 10, 2):
        await journal.append([started(place, number), started(place, number + 1)])
        say(place, number + 1)
    await journal.append([settled(place, 10)])
    say(place, 10)


def say(place: int, number: int) -> None:
    sys.stdout.write(f"{place} {number}\n")
    sys.stdout.flush()


async def main() -> None:
    async def leads(first: int) -> None:
        for place in range(first, 1_000_000, LEADS_AT_ONCE):
            await lead(journal, place)

    async with open_journal(Path(sys.argv[1])) as journal, trio.open_nursery() as nursery:
        for first in range(1, LEADS_AT_ONCE + 1):
            nursery.start_soon(leads, first)


if __name__ == "__main__":
    trio.run(main)
