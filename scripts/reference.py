"""Writes docs/language.md: the mapping language, as its users look things up in it.

The page is docs/language.in.md, where people write, with each `<!-- insert: NAME -->` replaced by what the
code says of itself: the helpers' docstrings and examples, tokens, types, outcomes and limits. Nothing that
the code knows is written a second time, and what it does not know has an example that the tests run.

    python scripts/reference.py [--check]
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "server")]

# Found by the path above, installed or not.
from scripts.reference_parts.page import BadPage, filled  # noqa: E402
from scripts.reference_parts.sections import SECTIONS  # noqa: E402

SOURCE, PAGE = ROOT / "docs/language.in.md", ROOT / "docs/language.md"


def main() -> int:
    """Exit 0: written, or with --check as it should be; 1: with --check, it is not; 2: it cannot be made."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing, and say whether it is current")
    is_check = parser.parse_args().check
    try:
        page = filled(SOURCE.read_text(encoding="utf-8"), SECTIONS)
    except BadPage as error:
        print(f"{SOURCE.relative_to(ROOT)}: {error}", file=sys.stderr)
        return 2
    if not is_check:
        PAGE.write_text(page, encoding="utf-8")
        print(f"wrote {PAGE.relative_to(ROOT)}, {len(page.splitlines())} lines")
        return 0
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page:
        print(f"{PAGE.relative_to(ROOT)} is what the code says")
        return 0
    print(
        f"{PAGE.relative_to(ROOT)} is not what the code says any more; run: make reference", file=sys.stderr
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
