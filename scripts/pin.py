"""Pins every dependency with its hashes into requirements.txt and requirements-dev.txt.

The files name packages, versions and hashes and no index: where packages come from is the business
of the machine that installs them.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = "# Pinned by `make requirements` from pyproject.toml; not edited by hand.\n"


def main() -> int:
    for name, extras in (("requirements.txt", []), ("requirements-dev.txt", ["--extra=dev"])):
        target = ROOT / name
        subprocess.run(
            [
                sys.executable,
                "-m",
                "piptools",
                "compile",
                *extras,
                "--quiet",
                "--generate-hashes",
                "--allow-unsafe",
                "--strip-extras",
                "--no-header",
                "--no-emit-index-url",
                "--no-emit-find-links",
                "--no-emit-trusted-host",
                "--no-emit-options",
                "--no-annotate",
                f"--output-file={target}",
                "pyproject.toml",
            ],
            check=True,
            cwd=ROOT,
        )
        target.write_text(HEADER + target.read_text())
        print(f"{name}: {target.read_text().count('==')} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
