"""Where the time of a lead goes: `make bench`, or `--quick` to see that it works.

It starts recipients and a server of its own on loopback, loads them from a third process, holds the
journal against what callers and recipients saw, and writes docs/performance.md.

    python scripts/bench.py [--quick] [--output PATH]
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "server"), str(ROOT / "clients/python")]

from scripts.bench_parts.run import main  # noqa: E402 (found by the path above, installed or not)

if __name__ == "__main__":
    sys.exit(main())
