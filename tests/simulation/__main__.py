"""Lives through many worlds, or tells one of them: `python -m simulation [--seeds N] [SEED]`.

Run from the folder of the tests. Exit 0 when every promise was kept, 1 where one was broken, with its seed.
"""

import argparse
import logging
import sys
import time

from simulation.promises import broken
from simulation.world import a_world, live

EVERY = 500  # worlds between two signs of life


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", type=int, nargs="?", help="one world, with all its facts")
    parser.add_argument("--seeds", type=int, default=10_000, metavar="N")
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)  # the journal fails on purpose
    return _many(args.seeds) if args.seed is None else _one(args.seed)


def _one(seed: int) -> int:
    world = live(a_world(seed))
    for entries in world.journal.entries.values():
        for entry in entries:
            print(entry.lead_id[-4:], entry.number, f"{(entry.at - entries[0].at) / 1e9:9.3f} s", entry.fact)
    found = broken(world)
    print(*found or ["every promise was kept"], sep="\n")
    return bool(found)


def _many(seeds: int) -> int:
    began, leads, failed = time.monotonic(), 0, 0
    for seed in range(seeds):
        world = live(a_world(seed))
        leads += len(world.journal.entries)
        found = broken(world)
        failed += bool(found)
        for words in found:
            print(f"seed {seed}: {words}", flush=True)
        if (seed + 1) % EVERY == 0:
            print(f"{seed + 1} worlds, {leads} leads, {failed} with a broken promise", file=sys.stderr)
    took = time.monotonic() - began
    print(f"{seeds} seeds, {leads} leads, {failed} seed(s) with a broken promise, in {took:.0f} s")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
