"""On what a run was made: enough to compare two runs, nothing that names a machine or its folders."""

import os
import platform
import sqlite3
import subprocess
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from scripts.bench_parts.figures import median

LIBRARIES = ("grpcio", "protobuf", "trio", "httptools", "orjson")
TICK = os.sysconf("SC_CLK_TCK")


def description(folder: Path) -> dict[str, str]:
    """`folder` lies on the disk that the journals of the run use."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": _commit(),
        "processor": f"{os.cpu_count()} × {_processor()}",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB",
        "system": f"{platform.system()} {platform.release().partition('-')[0]} ({platform.machine()})",
        "Python": platform.python_version(),
        "libraries": ", ".join(
            [*(f"{name} {version(name)}" for name in LIBRARIES), f"SQLite {sqlite3.sqlite_version}"]
        ),
        "disk": f"one write of 4 KiB made durable takes {_sync(folder) * 1e3:.2f} ms (median of 50)",
    }


def busy() -> float:
    """CPU seconds that the whole machine has used since its start."""
    fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    user, nice, kernel, _idle, _waiting, interrupts, soft, stolen = fields
    return (user + nice + kernel + interrupts + soft + stolen) / TICK


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _commit() -> str:
    root = Path(__file__).resolve().parents[2]
    try:
        commit = _git(root, "rev-parse", "--short=10", "HEAD")
        changed = _git(
            root, "status", "--porcelain", "--untracked-files=no", "--", "server", "clients/python"
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{commit}, with changes that are not committed" if changed else commit


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _sync(folder: Path) -> float:
    path, times = folder / "sync", list[float]()
    with path.open("wb", buffering=0) as file:
        for _ in range(50):
            began = time.perf_counter()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - began)
    path.unlink()
    return median(times)
