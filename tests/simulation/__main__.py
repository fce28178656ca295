"""Lives through many worlds, or tells one of them: `python -m simulation [--seeds N] [--resolve] [SEED]`.

Run from the folder of the tests. With `--resolve` somebody says in each of many worlds what became of the
leads that rested. Exit 0 when every promise was kept, 1 where one was broken, with its seed.
"""

import argparse
import logging
import sys
import time

from simulation.promises import broken, broken_after_resolving
from simulation.world import a_world, live

EVERY = 500  # worlds between two signs of life


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", type=int, nargs="?", help="one world, with all its facts")
    parser.add_argument("--seeds", type=int, default=10_000, metavar="N")
    parser.add_argument("--resolve", action="store_true", help="until nothing rests unresolved")
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)  # the journal fails on purpose
    return _many(args.seeds, resolves=args.resolve) if args.seed is None else _one(args.seed)


def _one(seed: int) -> int:
    world = live(a_world(seed))
    for entries in world.journal.entries.values():
        for entry in entries:
            print(entry.lead_id[-4:], entry.number, f"{(entry.at - entries[0].at) / 1e9:9.3f} s", entry.fact)
    found = broken(world)
    print(*found or ["every promise was kept"], sep="\n")
    return bool(found)


def _many(seeds: int, *, resolves: bool) -> int:
    began, leads, failed = time.monotonic(), 0, 0
    for seed in range(seeds):
        world = a_world(seed)
        world.resolves = resolves
        live(world)
        leads += len(world.journal.entries)
        found = broken_after_resolving(world) if resolves else broken(world)
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
