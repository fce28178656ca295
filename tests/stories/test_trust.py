"""Who may call a server, by real calls: keys, certificates, verbs, flows (behaviour 9)."""

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest
import trio
from grpc_health.v1.health_pb2 import HealthCheckRequest
from grpc_health.v1.health_pb2_grpc import HealthStub
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest
from grpc_reflection.v1alpha.reflection_pb2_grpc import ServerReflectionStub

from certificates import Authority, an_authority
from edges.grpc.serving import own_channel
from leadrelay.auth.api_keys import Entry, checked, new_key, write_entries
from leadrelay.recipients.http_server import Request, Response
from leadrelay_client import (
    Client,
    LeadrelayError,
    PermissionDenied,
    Settlement,
    Unauthenticated,
    deliver_request,
)
from leadrelay_client.v1.delivery_service_pb2 import DeliverManyRequest
from leadrelay_client.v1.delivery_service_pb2_grpc import DeliveryServiceStub
from leadrelay_client.v1.outcome_pb2 import (
    OUTCOME_KIND_SYSTEM_ERROR,
    REASON_CODE_UNAUTHORIZED,
    RESULT_SUCCESS,
)
from servers import (
    ACCEPTS,
    Answer,
    a_catalog,
    a_destination,
    a_flow,
    a_process,
    a_server,
    command,
    deliver,
    in_thread,
    recipients,
)

pytestmark = pytest.mark.timeout(60)
LEAD = {"email": "ada@example.com"}


@dataclass
class Guarded:
    """A server that asks who calls, and the keys of those it knows."""

    address: str
    file: Path
    keys: dict[str, str] = field(default_factory=dict)

    async def asks(self, caller: str, question: Callable[[Client], Any]) -> Any:
        def call() -> Any:
            with Client(self.address, api_key=self.keys.get(caller, caller), resume_within=0.1) as client:
                return question(client)

        return await in_thread(call)

    async def refuses(self, caller: str, question: Callable[[Client], Any]) -> LeadrelayError:
        with pytest.raises((PermissionDenied, Unauthenticated)) as caught:
            await self.asks(caller, question)
        assert isinstance(caught.value, LeadrelayError)
        return caught.value


def callers(path: Path, **scopes: tuple[str, str]) -> dict[str, str]:
    """A file with these callers, by verbs and flows; gives their keys."""
    made = {}
    for name, (verbs, flows) in scopes.items():
        caller = checked(
            name, frozenset(filter(None, verbs.split(","))), tuple(filter(None, flows.split(",")))
        )
        made[name] = new_key(Entry(caller=caller))
    write_entries(path, [entry for _, entry in made.values()])
    return {name: key for name, (key, _) in made.items()}


@asynccontextmanager
async def a_guarded(folder: Path, buyer: Answer = ACCEPTS, **settings: Any) -> AsyncIterator[Guarded]:
    keys = callers(
        folder / "callers",
        root=("", ""),
        forms=("deliver", ""),
        loans=("deliver,watch,steer", "loans"),
        reader=("watch,read-catalog", ""),
    )
    async with recipients(buyer=buyer) as served:
        flows = (a_flow(name, {"deliver": "buyer"}) for name in ("loans", "autos"))
        catalog = a_catalog(folder, a_destination("buyer", served["buyer"].port), *flows)
        async with a_server(folder, catalog, api_keys=folder / "callers", **settings) as address:
            yield Guarded(address, folder / "callers", keys)


def delivers(flow: str) -> Callable[[Client], Settlement]:
    return lambda client: client.deliver_and_wait(flow, LEAD)


def applies(client: Client) -> object:
    return client.apply({"c.yaml": "flows: []"}, dry_run=True)


async def test_who_brings_no_key_or_a_wrong_one_is_told_what_to_bring_and_nothing_else(
    tmp_path: Path,
) -> None:
    async with a_guarded(tmp_path) as server:
        for caller in ("", "lrk_0123", server.keys["root"][:-1] + "x"):
            for question in (delivers("loans"), applies, lambda client: client.get(lead_id="L-1")):
                error = await server.refuses(caller, question)
                assert isinstance(error, Unauthenticated)
                assert "key" in str(error)
                assert server.keys["root"] not in str(error)


async def test_a_caller_without_bounds_does_everything(tmp_path: Path) -> None:
    async with a_guarded(tmp_path) as server:
        settlement = await server.asks("root", delivers("autos"))
        assert settlement.result == RESULT_SUCCESS
        assert (
            await server.asks("root", lambda client: client.get(lead_id=settlement.lead_id).flow) == "autos"
        )


async def test_a_verb_is_all_that_its_holder_may_do(tmp_path: Path) -> None:
    async with a_guarded(tmp_path) as server:
        settlement = await server.asks("forms", delivers("loans"))
        assert settlement.result == RESULT_SUCCESS
        for question in (applies, lambda client: client.get(lead_id=settlement.lead_id)):
            error = await server.refuses("forms", question)
            assert isinstance(error, PermissionDenied)
            assert "forms may deliver only" in str(error)
        assert isinstance(await server.refuses("reader", delivers("loans")), PermissionDenied)
        assert (await server.asks("reader", lambda client: client.get_catalog())).version == 1


async def test_a_caller_for_some_flows_sees_and_steers_the_leads_of_no_other(tmp_path: Path) -> None:
    async with a_guarded(tmp_path) as server:
        ours = await server.asks("loans", delivers("loans"))
        theirs = await server.asks("root", delivers("autos"))
        assert await server.asks("loans", lambda client: client.get(lead_id=ours.lead_id).flow) == "loans"
        listed = await server.asks("loans", lambda client: list(client.list_deliveries(flow="loans")))
        assert [status.lead_id for status in listed] == [ours.lead_id]
        for question in (
            delivers("autos"),
            delivers("no-such-flow"),
            lambda client: client.get(lead_id=theirs.lead_id),
            lambda client: list(client.watch(theirs.lead_id)),
            lambda client: client.cancel(theirs.lead_id),
            lambda client: next(client.list_deliveries(flow="autos")),
            lambda client: next(client.list_deliveries()),
            lambda client: list(client.redeliver(flow="loans", to_flow="autos")),
            lambda client: client.resolve(theirs.lead_id, "buyer", "success"),
        ):
            error = await server.refuses("loans", question)
            assert isinstance(error, PermissionDenied)
            assert "autos" not in str(error).replace("'autos'", "")


async def test_of_many_leads_those_out_of_scope_are_refused_and_the_others_go_on(tmp_path: Path) -> None:
    async with a_guarded(tmp_path) as server:

        def many(client: Client) -> dict[str, object]:
            leads = [("1", deliver_request("loans", LEAD)), ("2", deliver_request("autos", LEAD))]
            return dict(client.deliver_many(leads))

        last = await server.asks("loans", many)
    assert last["1"].lead_settled.result == RESULT_SUCCESS
    assert isinstance(last["2"], PermissionDenied)


@pytest.mark.parametrize("is_open", [False, True])
async def test_health_is_open_and_reflection_where_it_is_chosen(tmp_path: Path, is_open: bool) -> None:
    def ask(address: str) -> tuple[int, str]:
        with own_channel(int(address.rpartition(":")[2])) as channel:
            health = HealthStub(channel).Check(HealthCheckRequest(), timeout=10).status
            reflect = ServerReflectionStub(channel).ServerReflectionInfo
            try:
                list(reflect(iter([ServerReflectionRequest(list_services="")]), timeout=10))
            except grpc.RpcError as error:
                return health, error.code().name
            return health, "OK"

    async with a_guarded(tmp_path, open_reflection=is_open) as server:
        health, reflection = await in_thread(partial(ask, server.address))
    assert (health, reflection) == (1, "OK" if is_open else "UNAUTHENTICATED")


async def test_a_key_that_is_taken_away_counts_no_longer_without_a_restart(tmp_path: Path) -> None:
    async with a_guarded(tmp_path) as server:
        await server.asks("root", delivers("loans"))
        revoke = partial(command, "keys", "revoke", "root", "--api-keys", str(server.file))
        assert (await in_thread(revoke)).returncode == 0
        await trio.sleep(1.1)  # within a second, it says
        assert isinstance(await server.refuses("root", delivers("loans")), Unauthenticated)
        assert (await server.asks("forms", delivers("loans"))).result == RESULT_SUCCESS


async def test_a_key_that_is_taken_away_ends_its_open_calls_and_not_the_leads_that_it_brought(
    tmp_path: Path,
) -> None:
    """A seller's server keeps its stream open for days."""
    heard, decided = list[str](), trio.Event()

    async def decides(request: Request) -> Response:
        await decided.wait()
        return await ACCEPTS(request)

    def listen(address: str, key: str) -> str:
        over = threading.Event()

        def leads() -> Iterator[DeliverManyRequest]:
            yield DeliverManyRequest(tag="1", deliver=deliver_request("loans", LEAD))
            over.wait(30)

        with own_channel(int(address.rpartition(":")[2])) as channel:
            try:
                many = DeliveryServiceStub(channel).DeliverMany
                for answer in many(leads(), metadata=(("x-api-key", key),), timeout=30):
                    heard.append(answer.event.lead_id)
            except grpc.RpcError as error:
                return f"{error.code().name}: {error.details()}"
            finally:
                over.set()
        return "OK"

    async def revoke(file: Path) -> None:
        while not heard:  # noqa: ASYNC110 (a thread's doing)
            await trio.sleep(0.01)
        await in_thread(partial(command, "keys", "revoke", "root", "--api-keys", str(file)))

    async with a_guarded(tmp_path, decides) as server, trio.open_nursery() as nursery:
        nursery.start_soon(revoke, server.file)
        end = await in_thread(partial(listen, server.address, server.keys["root"]))
        assert end.startswith("UNAUTHENTICATED: this caller is let in no longer")
        decided.set()
        events = await server.asks("reader", lambda client: list(client.watch(heard[0])))
    assert events[-1].lead_settled.result == RESULT_SUCCESS


async def test_the_command_line_brings_its_key_from_the_environment_or_from_a_file(tmp_path: Path) -> None:
    async with a_guarded(tmp_path) as server:
        (tmp_path / "key").write_text(server.keys["forms"] + "\n")
        line = partial(
            command,
            "deliver",
            "--server",
            server.address,
            "--flow",
            "loans",
            "--lead",
            "-",
            stdin='{"email": "a@b.c"}',
        )
        ends = []
        for more in (
            {},
            {"environment": {"LEADRELAY_API_KEY": server.keys["forms"]}},
            {"environment": {"LEADRELAY_API_KEY": server.keys["reader"]}},
        ):
            ends.append(await in_thread(partial(line, **more)))
        by_file = partial(
            command,
            *("deliver", "--server", server.address, "--flow", "loans", "--lead", "-"),
            *("--api-key-file", str(tmp_path / "key")),
            stdin='{"email": "a@b.c"}',
        )
        ends.append(await in_thread(by_file))
    assert [end.returncode for end in ends] == [2, 0, 2, 0]
    assert "API key" in ends[0].stderr
    assert "reader may read-catalog and watch only" in ends[2].stderr


async def test_one_leadrelay_shows_its_key_to_another(tmp_path: Path) -> None:
    (tmp_path / "near").mkdir()
    (tmp_path / "secrets").mkdir()
    async with a_guarded(tmp_path) as far:
        proofs = {
            "bearer": {"bearer": {"token": {"secret": "peer"}}},
            "header": {"api_key": {"header": "X-Api-Key", "key": {"secret": "peer"}}},
        }
        peers = [
            {
                "name": name,
                "direct": {"target": far.address, "plaintext": True, "flow": "loans"},
                **({"auth": [proofs[name]]} if name in proofs else {}),
            }
            for name in ("bearer", "header", "nothing")
        ]
        flows = [a_flow(name, {"deliver": name}) for name in ("bearer", "header", "nothing")]
        (tmp_path / "secrets" / "peer").write_text(far.keys["forms"])
        catalog = a_catalog(tmp_path / "near", *peers, *flows)
        async with a_server(tmp_path / "near", catalog, secrets=tmp_path / "secrets") as near:
            for name in proofs:
                assert (await deliver(near, name)).result == RESULT_SUCCESS
            refused = (await deliver(near, "nothing")).deliveries["nothing"].outcome
    assert (refused.kind, refused.code) == (OUTCOME_KIND_SYSTEM_ERROR, REASON_CODE_UNAUTHORIZED)


# Certificates.

OURS, OTHERS = an_authority(), an_authority()


@contextmanager
def a_mutual(folder: Path, *more: str) -> Iterator[str]:
    certificate, key = OURS.client_pem("127.0.0.1")
    for name, pem in (("server.pem", certificate), ("server.key", key), ("ca.pem", OURS.pem)):
        (folder / name).write_text(pem)
    catalog = a_catalog(folder, a_destination("buyer", 9), a_flow("loans", {"deliver": "buyer"}))
    tls = ("--tls-certificate", str(folder / "server.pem"), "--tls-key", str(folder / "server.key"))
    mutual = ("--client-ca", str(folder / "ca.pem"))
    with a_process(folder, "--catalog", str(catalog), *tls, *mutual, *more) as process:
        yield process.address


def shows(signer: Authority, name: str = "partner.example") -> grpc.ChannelCredentials:
    certificate, key = signer.client_pem(name)
    return grpc.ssl_channel_credentials(OURS.pem.encode(), key.encode(), certificate.encode())


def version(address: str, tls: grpc.ChannelCredentials, api_key: str = "") -> int:
    with Client(address, tls=tls, api_key=api_key, timeout=5) as client:
        return client.get_catalog().version


async def test_with_an_authority_who_shows_a_certificate_of_it_is_let_in_and_nobody_else(
    tmp_path: Path,
) -> None:
    with a_mutual(tmp_path) as address:
        assert await in_thread(partial(version, address, shows(OURS))) == 1
        for tls in (shows(OTHERS), grpc.ssl_channel_credentials(OURS.pem.encode())):
            with pytest.raises(LeadrelayError):
                await in_thread(partial(version, address, tls))


async def test_with_a_file_besides_a_certificate_is_a_caller_with_a_scope(tmp_path: Path) -> None:
    entries = [
        Entry(caller=checked("partner", frozenset({"read-catalog"}), ()), certificate="partner.example"),
        Entry(caller=checked("other", frozenset({"deliver"}), ()), certificate="other.example"),
    ]
    key, root = new_key(Entry(caller=checked("root", frozenset(), ())))
    write_entries(tmp_path / "callers", [*entries, root])
    with a_mutual(tmp_path, "--api-keys", str(tmp_path / "callers")) as address:
        assert await in_thread(partial(version, address, shows(OURS))) == 1
        with pytest.raises(PermissionDenied):
            await in_thread(partial(version, address, shows(OURS, "other.example")))
        with pytest.raises(Unauthenticated):
            await in_thread(partial(version, address, shows(OURS, "nobody.example")))
        assert await in_thread(partial(version, address, shows(OURS, "nobody.example"), key)) == 1


async def test_the_command_line_shows_a_certificate(tmp_path: Path) -> None:
    certificate, key = OURS.client_pem("partner.example")
    (tmp_path / "our.pem").write_text(certificate)
    (tmp_path / "our.key").write_text(key)
    with a_mutual(tmp_path) as address:
        apply = ("apply", "--server", address, "--dry-run", "-f", str(tmp_path / "catalog.yaml"))
        mutual = ("--certificate", str(tmp_path / "our.pem"), "--certificate-key", str(tmp_path / "our.key"))
        end = await in_thread(partial(command, *apply, "--tls", str(tmp_path / "ca.pem"), *mutual))
        assert end.returncode == 0, end.stderr


# What others can reach.


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0"])
def test_an_address_that_others_reach_is_not_listened_on_while_nobody_is_asked(
    tmp_path: Path, listen: str
) -> None:
    end = command("serve", "--data", str(tmp_path / "data"), "--listen", listen)
    assert end.returncode == 2
    assert end.stderr == (
        f"leadrelay serve: {listen} can be reached from other machines, and nobody is asked who he is: give "
        "--api-keys FILE (see `leadrelay keys --help`) or --client-ca PEM, or say --insecure\n"
    )


@pytest.mark.parametrize("how", ["--insecure", "--api-keys"])
async def test_it_is_where_they_are_asked_or_where_it_is_meant(tmp_path: Path, how: str) -> None:
    callers(tmp_path / "callers", root=("", ""))
    more = (how, str(tmp_path / "callers")) if how == "--api-keys" else (how,)
    with a_process(tmp_path, "--listen", "0.0.0.0:0", *more) as process:
        assert process.address.startswith("0.0.0.0:")
    said = (tmp_path / "serve.log").read_text()
    assert ("lets everybody in" if how == "--insecure" else "cross the network unencrypted") in said


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "cannot be read: No such file or directory"), ("root key=1\n", ":1: `key=` is no hash of a key")],
)
def test_a_file_of_callers_with_a_mistake_is_a_sentence_and_exit_2(
    tmp_path: Path, content: str | None, words: str
) -> None:
    if content is not None:
        (tmp_path / "callers").write_text(content)
    end = command("serve", "--data", str(tmp_path / "data"), "--api-keys", str(tmp_path / "callers"))
    assert end.returncode == 2
    assert words in end.stderr
    assert "Traceback" not in end.stderr
