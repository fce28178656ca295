"""A server starts whole or not at all, and a mistake is told in a sentence (behaviour 2, design 2.2)."""

import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
import trio
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from leadrelay.assembly import FILES, running
from leadrelay.edges.grpc.bridge import CannotListen
from leadrelay.edges.grpc.services import SERVICES
from leadrelay.journal.sqlite_file import FolderLock
from leadrelay.settings import Settings
from leadrelay_client import Client, Unavailable
from leadrelay_client.v1.outcome_pb2 import RESULT_SUCCESS
from servers import (
    a_catalog,
    a_destination,
    a_flow,
    a_process,
    a_server,
    an_environment,
    deliver,
    in_thread,
    recipients,
    says,
)
from telemetry.pem import self_signed

pytestmark = pytest.mark.timeout(60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def a_taken_port() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def event_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "grpc-events"]


def leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for each in error.exceptions for leaf in leaves(each)]
    return [error]


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="only Linux tells the limits of a process")
def test_it_may_hold_as_many_connections_as_the_system_lets_it(tmp_path: Path) -> None:
    """A shell's soft limit of 256 or 1,024 is no limit of ours: the hard one is the operator's."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        with a_process(tmp_path) as server:
            limits = Path(f"/proc/{server.popen.pid}/limits").read_text(encoding="ascii")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    (line,) = [line for line in limits.splitlines() if line.startswith("Max open files")]
    assert int(line.split()[3]) == (FILES if hard == resource.RLIM_INFINITY else min(hard, FILES))


@pytest.mark.parametrize(
    "stage", ["secrets", "keys", "journal", "catalog", "collector", "tls", "port", "announce"]
)
async def test_a_start_that_fails_leaves_nothing_behind(
    stage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was built before is taken down: the same folder and the same port serve the next start."""
    bad = tmp_path / "bad"
    bad.write_text("destinations: [{name: 5}]")
    good = a_catalog(tmp_path, a_destination("a", 9), a_flow("loans", {"deliver": "a"}))
    port = free_port()
    settings: dict[str, Any] = {
        "listen": f"127.0.0.1:{port}",
        "data": tmp_path / "data",
        "catalog": (good,),
    }
    mistakes: dict[str, dict[str, Any]] = {
        "secrets": {"secrets": tmp_path / "nowhere"},
        "keys": {"secrets_keys": (tmp_path / "nowhere",)},
        "journal": {"data": bad / "data"},
        "catalog": {"catalog": (bad,)},
        "tls": {"tls_certificate": bad, "tls_key": bad},
    }
    wrong = mistakes.get(stage, {})
    before = event_threads()

    def announce(_: str) -> None:
        if stage == "announce":
            raise OSError("nobody to announce it to")

    with a_taken_port() as taken, monkeypatch.context() as environment:
        if stage == "port":
            wrong = {"listen": f"127.0.0.1:{taken}"}
        if stage == "collector":
            environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
            environment.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "smoke")
        with pytest.raises(BaseException) as failure:  # noqa: PT011 (of many kinds, often in a group)
            async with running(Settings(**{**settings, **wrong}), announce=announce):
                pass
    assert all(isinstance(leaf, Exception) for leaf in leaves(failure.value))
    assert event_threads() == before
    if stage != "journal":
        (tmp_path / "data").mkdir(exist_ok=True)
        FolderLock(tmp_path / "data").release()
    async with running(Settings(**settings)):
        pass
    assert event_threads() == before


@pytest.mark.parametrize("wrong", ["tls_key", "client_ca"])
async def test_a_wrong_tls_file_is_named_before_anything_is_changed(tmp_path: Path, wrong: str) -> None:
    pem, text = self_signed(tmp_path), tmp_path / "text"
    text.write_text("no PEM")
    right = {"tls_certificate": pem.server, "tls_key": pem.server, "client_ca": pem.trusted}
    files: dict[str, Any] = {**right, wrong: text}
    with pytest.raises(CannotListen, match="text: "):
        async with running(Settings(listen="127.0.0.1:0", data=tmp_path / "data", **files)):
            pass
    assert not (tmp_path / "data").exists()


async def test_it_speaks_tls_where_it_has_a_certificate(tmp_path: Path) -> None:
    pem = self_signed(tmp_path)
    more = {"tls_certificate": pem.server, "tls_key": pem.server}
    async with a_server(tmp_path, **more) as address:

        def call() -> None:
            with Client(address, tls=pem.trusted) as client:
                client.get_catalog()
            with Client(address, timeout=2) as client, pytest.raises(Unavailable):
                client.get_catalog()

        await in_thread(call)


async def test_it_listens_on_ipv6_where_it_is_told_to(tmp_path: Path) -> None:
    addresses: list[str] = []
    async with running(Settings(listen="[::1]:0", data=tmp_path / "data"), announce=addresses.append):

        def call() -> None:
            with Client(addresses[0]) as client:
                client.get_catalog()

        await in_thread(call)
    assert addresses[0].startswith("[::1]:")


async def test_a_balancer_may_ask_after_every_service_by_its_name(tmp_path: Path) -> None:
    async with a_server(tmp_path) as address:

        def states() -> set[int]:
            with grpc.insecure_channel(address) as channel:
                check = HealthStub(channel).Check
                names = ["", *(service.full_name for service in SERVICES)]
                return {check(HealthCheckRequest(service=name), timeout=5).status for name in names}

        assert await in_thread(states) == {HealthCheckResponse.SERVING}


def test_a_server_ends_with_its_parent(tmp_path: Path) -> None:
    """The kernel closes the parent's end of the pipe, however the parent ends."""
    popen = subprocess.Popen(
        [
            *(sys.executable, "-m", "leadrelay", "serve", "--until-stdin-ends"),
            *("--listen", "127.0.0.1:0", "--data", str(tmp_path / "data")),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=an_environment(),
    )
    try:
        assert popen.stdout is not None
        assert popen.stdout.readline().startswith("listening on ")
        assert popen.poll() is None
        _, errors = popen.communicate("not the end yet", timeout=20)
    finally:
        popen.kill()
        popen.wait(10)
    assert popen.returncode == 0, errors
    assert "Traceback" not in errors


async def test_a_second_signal_changes_nothing(tmp_path: Path) -> None:
    """The grace is short and what is cut is resumed; who cannot wait may kill it, and loses nothing."""
    async with recipients(buyer=says({"result": "accepted"}, after=1.5)) as served:
        catalog = a_catalog(
            tmp_path, a_destination("buyer", served["buyer"].port), a_flow("loans", {"deliver": "buyer"})
        )
        with a_process(tmp_path, "--catalog", str(catalog)) as process:
            results: list[int] = []

            async def listen() -> None:
                results.append((await deliver(process.address, "loans")).result)

            async with trio.open_nursery() as nursery:
                nursery.start_soon(listen)
                await served["buyer"].has(1)
                for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT):
                    process.popen.send_signal(number)
                    await trio.sleep(0.1)
            assert await in_thread(lambda: process.popen.wait(20)) == 0
    assert results == [RESULT_SUCCESS]
    log = (tmp_path / "serve.log").read_text()
    assert "Traceback" not in log
    assert "who they are" not in log, "it listens on loopback, where that warning has no place"


async def test_calls_and_leads_share_one_grace(tmp_path: Path) -> None:
    """A stop takes as long as it was told, and not once more for every layer."""
    async with recipients(buyer=says({}, after=60)) as served:
        catalog = a_catalog(
            tmp_path, a_destination("buyer", served["buyer"].port), a_flow("loans", {"deliver": "buyer"})
        )
        with a_process(tmp_path, "--catalog", str(catalog), "--grace", "1") as process:

            def hand_over() -> None:
                with Client(process.address) as client:
                    next(client.deliver("loans", {"email": "a@example.com"}))

            await in_thread(hand_over)
            await served["buyer"].has(1)
            started = trio.current_time()
            assert await in_thread(process.terminate) == 0
            took = trio.current_time() - started
    assert took < 1 + 3


async def test_the_log_has_no_value_of_a_lead(tmp_path: Path) -> None:
    async with recipients(buyer=says({"result": "rejected", "reason": "no Lovelace-1815"})) as served:
        catalog = a_catalog(
            tmp_path,
            a_destination("buyer", served["buyer"].port),
            a_destination("down", 9),
            a_flow("loans", {"waterfall": {"steps": [{"deliver": "down"}, {"deliver": "buyer"}]}}),
        )
        with a_process(tmp_path, "--catalog", str(catalog)) as process:
            await deliver(process.address, "loans", {"email": "Lovelace-1815", "first_name": "Lovelace-1815"})

            def refused() -> None:
                with Client(process.address) as client, pytest.raises(Exception, match="control"):
                    next(client.deliver("loans", {"Lovelace-1815\n": "Lovelace-1815"}))

            await in_thread(refused)
            assert await in_thread(process.terminate) == 0
    assert "Lovelace-1815" not in (tmp_path / "serve.log").read_text()
