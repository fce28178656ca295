"""Every canary through every protocol and every failure of one real server, and what was seen of them.

    python tests/canaries/run.py

It prints the counts. Looked at are the events that callers get, the spans as a collector gets them, the
server's log, what the commands print (deliver, trace, preview, apply), and every byte of the journal's files
but one: the lead as it was received, which has to be kept to be delivered, stands in its LeadReceived fact. A
canary of a few characters counts only where it stands alone, which bytes of pages cannot show; the rows can.
"""

import io
import json
import shutil
import socket
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trio

ROOT = Path(__file__).resolve().parents[2]
FILES = "journal's files"
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / part) for part in ("server", "clients/python", "tests")]

from canaries.echo import Echo  # noqa: E402 - the paths come first where this is the program
from canaries.matrix import ANSWERS, GRANTS, NOWHERE, PROTOCOLS, TOKEN_FAILURES, Matrix  # noqa: E402
from canaries.values import LEAD, SECRETS, Canary, hits, of_lead, of_secrets  # noqa: E402
from leadrelay.auth.keyring import write_new_key  # noqa: E402
from leadrelay.edges.cli import program  # noqa: E402
from leadrelay.recipients.http_server import serve  # noqa: E402
from leadrelay_client import Client  # noqa: E402
from servers import a_process, in_thread  # noqa: E402
from stories.test_record import a_grpc_collector  # noqa: E402


@dataclass
class Report:
    """What was sent, what was looked at, and what was found."""

    canaries: list[Canary]
    deliveries: int
    attempts: int
    places: dict[str, int]  # bytes of each
    hits: list[str]
    requests: int
    untold: set[str] = field(default_factory=set)  # canaries that no recipient and no token endpoint heard
    ends: dict[str, int] = field(default_factory=dict)  # by outcome and code

    def lines(self) -> Iterator[str]:
        shape = f"{len(PROTOCOLS) + 1} protocols x {len(ANSWERS + NOWHERE)} failures"
        yield f"{len(self.canaries)} canaries, all but {len(self.untold)} of which were heard and repeated"
        yield f"x {shape}, and mappings that fail, and"
        yield f"x {len(GRANTS)} grants x {len(TOKEN_FAILURES)} failures of a token endpoint:"
        yield f"{self.deliveries} deliveries, {self.attempts} attempts, {self.requests} requests echoed"
        for place, size in self.places.items():
            yield f"  {place:<34}{size:>12,} bytes"
        yield f"hits: {len(self.hits)}"
        yield from self.hits[:50]


async def run(folder: Path) -> Report:
    """The whole matrix, once."""
    echo, places = Echo(), dict[str, bytes]()
    async with trio.open_nursery() as nursery:
        port = await nursery.start(serve, echo.hear)
        reset, half = await nursery.start(_resets), await nursery.start(_stops_half_way)
        closed, ours = _closed_port(), _closed_port()
        matrix = Matrix(folder, echo=port, reset=reset, half=half, closed=closed, ours=ours)
        (folder / "canaries.yaml").write_text(json.dumps(matrix.catalog(), indent=1))
        report = await in_thread(lambda: _through(folder, matrix, ours, echo, places))
        nursery.cancel_scope.cancel()
    canaries = [*of_secrets(), *of_lead(), *echo.caught.values()]
    canaries.append(Canary("cookie of a reply", "st-canary-session-5Cv6"))
    report.canaries = canaries
    heard = bytes(echo.told)
    report.untold = {canary.name for canary in canaries if not canary.in_(heard)}
    report.hits = hits(canaries, places, cut_up={FILES})
    report.places = {name: len(place) for name, place in places.items()}
    return report


def _through(folder: Path, matrix: Matrix, port: int, echo: Echo, places: dict[str, bytes]) -> Report:
    key = folder / "secrets.key"
    write_new_key(key)
    secrets = folder / "secrets"
    secrets.mkdir()
    for name, value in SECRETS.items():
        (secrets / name).write_text(value)
    (folder / "lead.json").write_text(json.dumps(LEAD))
    arguments = [
        *("--listen", f"127.0.0.1:{port}"),
        *("--catalog", str(folder / "canaries.yaml"), "--secrets", str(secrets)),
        *("--secrets-key", str(key), "--allow-egress", "127.0.0.0/8", "--grace", "1"),
    ]
    report = Report(canaries=[], deliveries=0, attempts=0, places={}, hits=[], requests=0)
    with a_grpc_collector() as (collector, collector_port), ExitStack() as stack:
        environment = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector_port}",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
        }
        process = stack.enter_context(a_process(folder, *arguments, environment=environment))
        address = process.address
        events: list[bytes] = []
        with Client(address) as client:
            for flow in matrix.flows:
                settled = client.deliver_and_wait(flow["name"], LEAD, detail="full")
                events += [event.SerializeToString() for event in settled.events]
                events.append(repr(settled).encode())
                _count(report, settled)
        places["events"] = b"\n".join(events)
        places["commands"] = _commands(folder, address)
        _wait_for_spans(collector, len(matrix.flows))
        places["spans (OTLP)"] = b"\n".join(span.SerializeToString() for span in collector.spans)
        journal = _journal(folder)  # while it runs, so that the write-ahead log is there too
        process.terminate()
        places[FILES] = journal + _journal(folder)
        places["rows but the lead as received"] = _rows(folder)
        places["server's log"] = (folder / "serve.log").read_bytes()
    report.requests = echo.heard + echo.asked
    return report


def _count(report: Report, settled: Any) -> None:
    for row in settled.deliveries.values():
        report.deliveries += 1
        report.attempts += row.attempts
        end = f"{row.outcome.kind}/{row.outcome.code}"
        report.ends[end] = report.ends.get(end, 0) + 1


def _commands(folder: Path, address: str) -> bytes:
    """What people see in a terminal, also of catalogs in which somebody wrote a secret in clear."""
    said = io.StringIO()

    def call(*arguments: str) -> None:
        with redirect_stdout(said), redirect_stderr(said), suppress(SystemExit):
            program.main(arguments, lambda _: 0)

    lead, reply = str(folder / "lead.json"), folder / "reply.json"
    reply.write_text(json.dumps({"result": "no", "reason": f"{LEAD['ssn']} {LEAD['card_number']}"}))
    call("deliver", "--server", address, "--flow", "rest_json", "--lead", lead)
    call("deliver", "--server", address, "--flow", "rest_form", "--lead", lead, "--json")
    for lead_id in _lead_ids(folder):
        call("trace", lead_id, "--server", address)
    for name in [f"{protocol}-no" for protocol in PROTOCOLS] + ["rest_json-missing", "rest_text-odd_header"]:
        call("preview", name, "--server", address, "--lead", lead, "--reply", str(reply), "--status", "400")
        call("preview", name, "--server", address, "--lead", lead, "--json")
    for careless in _careless():
        path = folder / "careless.yaml"
        path.write_text(careless)
        call("apply", "-f", str(path), "--server", address)
        call("check", "-f", str(path))
    return said.getvalue().encode()


def _careless() -> Iterator[str]:
    """Catalogs in which somebody wrote a secret where only its name may stand."""
    head = "destinations:\n- name: x\n  rest: {url: 'https://x.example'}\n  pass_through: all\n"
    token, password, lower = SECRETS["bearer-token"], SECRETS["basic-password"], SECRETS["lower-secret"]
    other = "destinations:\n- name: x\n  rest: {url: "
    for auth in (
        f"[{{bearer: {{token: '{token}'}}}}]",
        f"[{{bearer: {{token: {{secret: '{password}'}}}}}}]",
        f"[{{basic: {{username: a, password: '{password}'}}}}]",
        f"[{{headers: {{values: {{X-A: '{token}'}}}}}}]",
        f"[{{oauth2: {{token_url: 'https://t.example', client_id: a, client_secret: '{lower}'}}}}]",
        f"[{{wsse: {{username: a, password: {{secrets: '{password}'}}}}}}]",
        f"[{{hmac: {{key: '{SECRETS['hmac-key']}'}}}}]",
    ):
        yield f"{head}  auth: {auth}\n"
    yield f"{other}'https://relay:{password}@x.example/a'}}\n"
    yield f"{other}'https://x.example', headers: {{Authorization: 'Bearer {token}'}}}}\n"


def _lead_ids(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "data" / "journal.db")) as journal:
        return [str(row[0]) for row in journal.execute("SELECT lower(hex(lead)) FROM leads")]


def _wait_for_spans(collector: Any, leads: int) -> None:
    """Until the collector has every lead's own span."""
    patience = time.monotonic() + 60
    while sum(span.name.startswith("lead ") for span in collector.spans) < leads:
        assert time.monotonic() < patience, "the collector got no spans"
        time.sleep(0.1)


def _journal(folder: Path) -> bytes:
    """Every byte of its files, without the one fact that has to have the lead."""
    kept = b"".join(path.read_bytes() for path in sorted((folder / "data").iterdir()) if path.is_file())
    for body in _received(folder):
        kept = kept.replace(body, b"")
    return kept


def _rows(folder: Path) -> bytes:
    """Every table, each value whole: in the files a long one is cut wherever a page ends."""
    with _a_copy(folder) as journal:
        journal.execute("DELETE FROM facts WHERE kind = 'LeadReceived'")
        tables = journal.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        rows = [row for (name,) in tables for row in journal.execute(f'SELECT * FROM "{name}"')]  # noqa: S608 - our own
    values = [value for row in rows for value in row if value is not None]
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in values)


def _received(folder: Path) -> list[bytes]:
    with _a_copy(folder) as journal:
        return [
            bytes(body)
            for (body,) in journal.execute("SELECT CAST(body AS BLOB) FROM facts WHERE kind = 'LeadReceived'")
        ]


@contextmanager
def _a_copy(folder: Path) -> Iterator[sqlite3.Connection]:
    copy = Path(tempfile.mkdtemp(dir=folder))
    for path in (folder / "data").iterdir():
        shutil.copy(path, copy)
    with closing(sqlite3.connect(copy / "journal.db")) as journal:
        yield journal


def _closed_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _resets(task_status: trio.TaskStatus[int]) -> None:
    async def reset(stream: trio.SocketStream) -> None:
        await stream.receive_some(64)
        stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    await _listen(reset, task_status)


async def _stops_half_way(task_status: trio.TaskStatus[int]) -> None:
    async def stop(stream: trio.SocketStream) -> None:
        heard = await stream.receive_some(65_536)
        await stream.send_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + heard)

    await _listen(stop, task_status)


async def _listen(handler: Any, task_status: trio.TaskStatus[int]) -> None:
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    task_status.started(listeners[0].socket.getsockname()[1])
    await trio.serve_listeners(handler, listeners)


@contextmanager
def a_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def main() -> int:
    """Exit 0 when nothing was seen, 1 when something was."""
    with a_folder() as folder:
        report = trio.run(run, folder)
    print("\n".join(report.lines()))
    return bool(report.hits)


if __name__ == "__main__":
    raise SystemExit(main())
