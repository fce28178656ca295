"""The processes of a run, each with what the kernel says of it. None outlives the block it was started in.

They also end by themselves with this process, however it ends: all of them watch their standard input.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, cast
from urllib.request import urlopen

import orjson
from scripts.bench_parts.catalog import write_catalog
from scripts.bench_parts.figures import Spread
from scripts.bench_parts.generator import Order, Outcome

ROOT = Path(__file__).resolve().parents[2]
PATHS = [str(ROOT), str(ROOT / "server"), str(ROOT / "clients/python")]
TICK = os.sysconf("SC_CLK_TCK")
STOPS_WITHIN = 30.0  # seconds


class BenchError(Exception):
    """A process of the run failed; the words are for whoever started the bench."""


@dataclass(frozen=True, slots=True)
class Cpu:
    """Seconds that a process has used."""

    user: float
    kernel: float

    def __sub__(self, other: "Cpu") -> "Cpu":
        return Cpu(self.user - other.user, self.kernel - other.kernel)

    @property
    def whole(self) -> float:
        return self.user + self.kernel


class Child:
    """One process that reads lines and writes lines."""

    def __init__(self, name: str, folder: Path, *arguments: str) -> None:
        self.name, self._log = name, folder / f"{name}.log"
        kept = {key: value for key, value in os.environ.items() if not key.startswith("OTEL_")}
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=kept | {"PYTHONPATH": os.pathsep.join(PATHS)},
                start_new_session=True,  # Ctrl-C is ours to handle, in order
            )
        self._in, self._out = cast(IO[str], self._process.stdin), cast(IO[str], self._process.stdout)

    def hear(self) -> str:
        """The next line it writes."""
        line = self._out.readline()
        if not line:
            said = self._log.read_text()[-2000:].strip() or "it said nothing"
            raise BenchError(f"the {self.name} ended with exit code {self.stop()}: {said}")
        return line.strip()

    def tell(self, words: dict[str, Any]) -> None:
        self._in.write(orjson.dumps(words).decode() + "\n")
        self._in.flush()

    def ask(self, words: dict[str, Any]) -> Any:
        self.tell(words)
        return orjson.loads(self.hear())

    def cpu(self) -> Cpu:
        """All of its threads; it has no children."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return Cpu(int(fields[11]) / TICK, int(fields[12]) / TICK)

    def memory(self) -> float:
        """MB of resident memory."""
        return self._kilobytes("VmRSS:") / 1000

    def peak_memory(self) -> float:
        """The most MB of resident memory since its start."""
        return self._kilobytes("VmHWM:") / 1000

    def _kilobytes(self, name: str) -> int:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(name))

    def stop(self) -> int:
        """End it in an orderly way, or else at all; its exit code."""
        process = self._process
        process.terminate()
        try:
            return process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()
        finally:
            with suppress(BrokenPipeError):
                self._in.close()
            self._out.close()


@contextmanager
def running(name: str, folder: Path, *arguments: str) -> Iterator[Child]:
    child = Child(name, folder, *arguments)
    try:
        yield child
    finally:
        child.stop()


@dataclass(frozen=True, slots=True)
class Stand:
    """A server with recipients of its own, so that one ledger covers both."""

    server: Child
    recipients: Child
    data: Path
    address: str
    url: str  # of the recipients

    def recipients_say(self, what: str) -> Any:
        with urlopen(f"{self.url}/bench/{what}", timeout=30) as answer:  # noqa: S310 - our own, on loopback
            return orjson.loads(answer.read())


@contextmanager
def stand(folder: Path, write: Callable[[Path, str], Path] = write_catalog) -> Iterator[Stand]:
    """Recipients, and a server that knows them, over an empty journal in `folder`.

    `write` makes the catalog, in `folder` and for recipients at a base URL.
    """
    folder.mkdir()
    leadrelay = ("-m", "leadrelay")
    with running(
        "recipients", folder, *leadrelay, "recipients", "--port", "0", "--until-stdin-ends"
    ) as others:
        url = others.hear().split()[-1]
        catalog = write(folder, url)
        serve = ("serve", "--listen", "127.0.0.1:0", "--data", str(folder / "data"), "--grace", "5")
        with running(
            "server", folder, *leadrelay, *serve, "--until-stdin-ends", "--catalog", str(catalog)
        ) as server:
            yield Stand(server, others, folder / "data", server.hear().split()[-1], url)


@contextmanager
def generator(folder: Path) -> Iterator[Child]:
    with running("generator", folder, "-m", "scripts.bench_parts.generator") as child:
        yield child


def send(child: Child, order: Order) -> Outcome:
    """Have the generator fill an order."""
    said = child.ask(asdict(order))
    for name in ("late", "to_accepted", "to_settled"):
        said[name] = Spread(**said[name])
    return Outcome(**said)
