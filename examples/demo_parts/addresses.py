"""Where the sample recipients listen, and where the one that is down does not.

The catalog names both. Where its ports are taken, another pair is used and the catalog is applied with the
addresses replaced. The port of the one that is down is held by us without listening, so that nobody else can
come up there during the run.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo_parts.processes import Failed, shown

HOST = "127.0.0.1"
USUAL, USUAL_DOWN = 7480, 7489  # as examples/catalog has them
LAST, STRIDE = 7980, 20  # tried in turn where the usual ones are taken


@dataclass(frozen=True, slots=True)
class Ports:
    recipients: int
    down: int

    @property
    def are_usual(self) -> bool:
        return self.recipients == USUAL

    def catalog(self, folder: Path) -> dict[str, str]:
        """The texts of the catalog, by the names that messages about them use, with these ports in them."""
        return {
            shown(file): file.read_text(encoding="utf-8")
            .replace(f"{HOST}:{USUAL}/", f"{HOST}:{self.recipients}/")
            .replace(f"{HOST}:{USUAL_DOWN}/", f"{HOST}:{self.down}/")
            for file in sorted(folder.rglob("*"))
            if file.suffix in (".yaml", ".yml", ".json")
        }


@contextmanager
def a_free_pair() -> Iterator[Ports]:
    """A port to listen on, and one where nobody listens while the block runs."""
    for port in range(USUAL, LAST, STRIDE):
        down = port + USUAL_DOWN - USUAL
        with socket.socket() as held:
            if _can_listen(port) and _is_bound(held, down):
                yield Ports(port, down)
                return
    raise Failed(f"no two free ports were found between {USUAL} and {LAST}: end what listens there")


def _can_listen(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as a server that comes again does
        return _is_bound(probe, port)


def _is_bound(probe: socket.socket, port: int) -> bool:
    try:
        probe.bind((HOST, port))
    except OSError:
        return False
    return True
