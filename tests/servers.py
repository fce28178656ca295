"""Real servers for tests: a leadrelay in this process or in its own, and recipients on real sockets."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import orjson
import trio

from leadrelay.assembly import running
from leadrelay.recipients.http_message import HungUpError
from leadrelay.recipients.http_server import Request, Response, serve
from leadrelay.settings import Settings
from leadrelay_client import Client, Lead, Settlement

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")

Answer = Callable[[Request], Awaitable[Response]]


def says(body: object, status: int = 200, *, after: float = 0.0) -> Answer:
    """A recipient that answers JSON after some seconds."""

    async def answer(_request: Request) -> Response:
        await trio.sleep(after)
        return Response(status, orjson.dumps(body), "application/json")

    return answer


ACCEPTS = says({"result": "accepted", "price": "12.50", "id": "B-1"})


async def HANGS_UP(_request: Request) -> Response:  # noqa: N802 (an answer, as those beside it)
    """Takes the lead and closes the connection without a word."""
    raise HungUpError


REJECTS = says({"result": "rejected", "reason": "Duplicate lead"})


@dataclass
class Recipient:
    """A recipient on a real socket: what it answers, and what it was sent."""

    answer: Answer
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    _news: trio.Event = field(default_factory=trio.Event)

    async def handle(self, request: Request) -> Response:
        self.requests.append(request)
        self._news.set()
        self._news = trio.Event()
        return await self.answer(request)

    async def has(self, count: int) -> None:
        """Wait until it was sent so many requests."""
        while len(self.requests) < count:
            await self._news.wait()

    @property
    def keys(self) -> list[str]:
        return [request.headers["idempotency-key"] for request in self.requests]


@asynccontextmanager
async def recipients(**answers: Answer) -> AsyncIterator[dict[str, Recipient]]:
    """Recipients by name, each on a port of its own."""
    async with trio.open_nursery() as nursery:
        served = {name: Recipient(answer) for name, answer in answers.items()}
        for recipient in served.values():
            recipient.port = await nursery.start(serve, recipient.handle)
        yield served
        nursery.cancel_scope.cancel()


def a_destination(name: str, port: int, **more: Any) -> dict[str, Any]:
    """A destination as a catalog file has it, for the answers above."""
    return {
        "name": name,
        "rest": {"url": f"http://127.0.0.1:{port}/leads"},
        "mapping": [{"to": "email", "value": "{{email}}"}, {"to": "name", "value": "{{first_name}}"}],
        "reading": {
            "rules": [
                {"outcome": "success", "match": [{"path": "result", "equals": "accepted"}]},
                {"outcome": "hard_reject", "match": [{"path": "result", "equals": "rejected"}]},
            ],
            "reason": ["reason"],
            "price": ["price"],
            "reference": ["id"],
        },
        **more,
    }


def a_flow(name: str, *steps: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "steps": list(steps), **more}


def a_catalog(folder: Path, *entries: Mapping[str, Any], egress: Sequence[str] = ("127.0.0.0/8",)) -> Path:
    """A catalog file with these destinations and flows (JSON is YAML), whose recipients are on loopback."""
    path = folder / "catalog.yaml"
    catalog = {
        "egress": {"allow": list(egress)},
        "destinations": [entry for entry in entries if "steps" not in entry],
        "flows": [entry for entry in entries if "steps" in entry],
    }
    path.write_bytes(orjson.dumps(catalog, option=orjson.OPT_INDENT_2))
    return path


@asynccontextmanager
async def a_server(folder: Path, catalog: Path | None = None, **more: Any) -> AsyncIterator[str]:
    """A whole leadrelay in this process, over a real journal; gives its address."""
    addresses: list[str] = []
    settings = Settings(
        listen="127.0.0.1:0", data=folder / "data", catalog=(catalog,) if catalog else (), **more
    )
    async with running(settings, announce=addresses.append):
        yield addresses[0]


async def in_thread(call: Callable[[], T]) -> T:
    """What the blocking client does, without blocking the server beside it."""
    return await trio.to_thread.run_sync(call, abandon_on_cancel=True)


async def deliver(
    address: str, flow: str, lead: Lead | Mapping[str, Any] | None = None, **options: Any
) -> Settlement:
    """Hand a lead over with the ordinary client and wait for what becomes of it."""

    def call() -> Settlement:
        with Client(address) as client:
            return client.deliver_and_wait(
                flow, {"email": "ada@example.com"} if lead is None else lead, **options
            )

    return await in_thread(call)


@dataclass
class Process:
    """A `leadrelay` in a process of its own."""

    popen: "subprocess.Popen[str]"
    address: str

    def kill(self) -> None:
        """As the kernel does when memory is short: nothing of ours runs any more."""
        self.popen.kill()
        self.popen.wait(10)

    def terminate(self) -> int:
        return self.stop(signal.SIGTERM)

    def stop(self, number: signal.Signals) -> int:
        self.popen.send_signal(number)
        return self.popen.wait(30)


@contextmanager
def a_process(
    folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """`leadrelay serve` on a free port over `folder`/data; killed when the block ends."""
    command = [
        *(sys.executable, "-m", "leadrelay", "serve", "--listen", "127.0.0.1:0"),
        *("--data", str(folder / "data"), *arguments),
    ]
    with (folder / "serve.log").open("a") as log:
        popen = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, env=an_environment(environment)
        )
    try:
        assert popen.stdout is not None
        line = popen.stdout.readline()
        assert line.startswith("listening on "), (folder / "serve.log").read_text()
        yield Process(popen, line.split()[-1])
    finally:
        popen.kill()
        popen.wait(10)
        if popen.stdout is not None:
            popen.stdout.close()


def an_environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment, with our packages on the path and no collector named."""
    ours = os.pathsep.join([str(ROOT / "server"), str(ROOT / "clients/python")])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    return {**kept, "PYTHONPATH": ours, **(more or {})}


def command(*arguments: str, stdin: str = "", **options: Any) -> "subprocess.CompletedProcess[str]":
    """Run a verb of the command line to its end."""
    return subprocess.run(
        [sys.executable, "-m", "leadrelay", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=an_environment(options.pop("environment", None)),
        **options,
    )


run_command = partial(trio.to_thread.run_sync, abandon_on_cancel=True)
