"""What a dead and a busy recipient cost the others: `make bench-isolation`, or `--quick` to see it work.

python scripts/bench_isolation.py [--quick] [--output PATH]
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "server"), str(ROOT / "clients/python")]

from scripts.bench_parts.isolation import main  # noqa: E402 (found by the path above, installed or not)

if __name__ == "__main__":
    sys.exit(main())
