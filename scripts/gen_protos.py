"""Generates the protobuf stubs, or with `--check` says whether the committed ones are current.

The server's and the Python client's copies come from the same protos. The client is a distribution of
its own, so its stubs live in its own package and import each other from there.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import sys
import tempfile
from importlib import resources
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
PROTOS = ROOT / "protos"
HEADER_PACKAGE = "leadrelay.v1"
# Where the stubs go, and the Python package by which they import each other.
TARGETS = {
    ROOT / "server/leadrelay/v1": "leadrelay.v1",
    ROOT / "clients/python/leadrelay_client/v1": "leadrelay_client.v1",
}
DOCSTRING = '"""Generated from protos/leadrelay/v1 by `make protos`; not edited by hand."""\n'


def main() -> int:
    """Write or compare. Exit 0: current; 1: the committed stubs differ; 2: protoc refused the protos."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the committed stubs only")
    checking = parser.parse_args().check
    # protoc finds its plugins on the PATH; ours stand beside this interpreter.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    stale: list[str] = []
    for target, package in TARGETS.items():
        with tempfile.TemporaryDirectory() as folder:
            fresh = generate(Path(folder), package)
            if fresh is None:
                return 2
            stale += [str(path.relative_to(ROOT)) for path in differing(fresh, target)]
            if not checking:
                replace(fresh, target)
    if checking and stale:
        print("stubs are not current, run `make protos`:", *stale, sep="\n  ", file=sys.stderr)
        return 1
    print("stubs are current" if checking else f"stubs written, {len(stale)} changed")
    return 0


def generate(folder: Path, package: str) -> Path | None:
    """Run protoc into `folder` and give the folder of the stubs, or None where it failed."""
    protos = sorted(str(path.relative_to(PROTOS)) for path in PROTOS.rglob("*.proto"))
    well_known = str(resources.files("grpc_tools") / "_proto")
    services = [path for path in protos if path.endswith("_service.proto")]
    for plugins, sources in (
        (("python_out", "mypy_out"), protos),
        (("grpc_python_out", "mypy_grpc_out"), services),
    ):
        outputs = [
            f"--{plugin}={'quiet:' if plugin.startswith('mypy') else ''}{folder}" for plugin in plugins
        ]
        if protoc.main(["protoc", f"-I{PROTOS}", f"-I{well_known}", *outputs, *sources]) != 0:
            return None
    stubs = folder / "leadrelay" / "v1"
    for path in stubs.iterdir():
        text = path.read_text()
        if package != HEADER_PACKAGE:
            text = text.replace("from leadrelay.v1 import", f"from {package} import")
            text = text.replace("import leadrelay.v1.", f"import {package}.")
        path.write_text(text)
    (stubs / "__init__.py").write_text(DOCSTRING)
    return stubs


def differing(fresh: Path, committed: Path) -> list[Path]:
    """Files that are missing, changed or no longer generated."""
    names = {path.name for path in fresh.iterdir()}
    if committed.is_dir():
        names |= {path.name for path in committed.iterdir() if path.is_file()}
    return [
        committed / name
        for name in sorted(names)
        if not ((fresh / name).is_file() and (committed / name).is_file())
        or not filecmp.cmp(fresh / name, committed / name, shallow=False)
    ]


def replace(fresh: Path, committed: Path) -> None:
    """Put the fresh stubs where the committed ones were."""
    committed.mkdir(parents=True, exist_ok=True)
    for path in committed.iterdir():
        if path.is_file():
            path.unlink()
    for path in fresh.iterdir():
        (committed / path.name).write_bytes(path.read_bytes())


if __name__ == "__main__":
    sys.exit(main())
