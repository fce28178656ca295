"""Builds the wheel and tries it where nothing of this checkout can be imported.

A package that only works from its tree has forgotten to ship something. The environment for the trial
borrows the installed dependencies and takes ours from the wheel alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MUST_SHIP = (
    "leadrelay/py.typed",
    "leadrelay/journal/schema/0001_first.sql",
    "leadrelay_client/py.typed",
    "leadrelay_client/v1/event_pb2.pyi",
)
TRIAL = """
import leadrelay, leadrelay.assembly, leadrelay_client, sys
assert all(path.startswith(sys.argv[1]) for path in (leadrelay.__file__, leadrelay_client.__file__))
from leadrelay.__main__ import main
sys.argv = ["leadrelay", "--version"]
main()
"""


def main() -> int:
    """Exit 0 when the wheel holds everything and runs, 1 when it does not."""
    with tempfile.TemporaryDirectory() as folder:
        build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, str(ROOT)]
        made = subprocess.run(build, capture_output=True, text=True, check=False)
        if made.returncode != 0:
            print(made.stdout, made.stderr, sep="\n", file=sys.stderr)
            return 1
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            missing = [name for name in MUST_SHIP if name not in archive.namelist()]
            archive.extractall(Path(folder) / "site")
        if missing:
            print(f"{wheel.name} lacks: {', '.join(missing)}", file=sys.stderr)
            return 1
        site = str(Path(folder) / "site")
        # -S leaves out site-packages and with it the editable install of this tree.
        path = os.pathsep.join([site, sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
        trial = subprocess.run(
            [sys.executable, "-S", "-c", TRIAL, site],
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            cwd=folder,
            check=False,
        )
        if trial.returncode != 0:
            print(trial.stdout, trial.stderr, sep="\n", file=sys.stderr)
            return 1
        print(f"{wheel.name}: {wheel.stat().st_size // 1024} KiB, holds everything and runs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
