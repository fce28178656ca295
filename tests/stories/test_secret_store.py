"""Credentials kept in the server, from the first key to its replacement, seen from outside (behaviour 9)."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import trio

from leadrelay.auth.keyring import VARIABLE, key_of, new_key, write_new_key
from leadrelay.recipients.http_server import Request, Response, as_json
from leadrelay_client import Client, FailedPrecondition, InvalidArgument, Settlement
from leadrelay_client.v1.outcome_pb2 import RESULT_ERROR, RESULT_SUCCESS
from servers import (
    Answer,
    Process,
    a_catalog,
    a_destination,
    a_flow,
    a_process,
    a_server,
    command,
    in_thread,
    recipients,
)

pytestmark = pytest.mark.timeout(90)
CANARY = "canary-4711-in-a-cage"
BEARER = [{"bearer": {"token": {"secret": "crm-token"}}}]
LEAD = {"email": "ada@example.com"}


def knows(*tokens: str) -> Answer:
    """A buyer that takes leads from whoever shows one of these tokens, and forbids everything else."""

    async def answer(request: Request) -> Response:
        is_known = request.headers.get("authorization") in [f"Bearer {token}" for token in tokens]
        return as_json(200 if is_known else 403, {"result": "accepted"} if is_known else {})

    return answer


def bought_by(folder: Path, port: int, **more: Any) -> Path:
    destination = a_destination("crm", port, auth=BEARER, **more)
    return a_catalog(folder, destination, a_flow("loans", {"deliver": "crm"}))


def hand_over(address: str) -> tuple[Settlement, str]:
    """What became of a lead, and everything that was told of it."""
    with Client(address) as client:
        with client.deliver("loans", LEAD, detail="full") as events:
            told = list(events)
        settled = client.deliver_and_wait("loans", LEAD)
    return settled, repr(told)


def everything_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()


async def test_a_changed_secret_is_used_at_once_and_no_value_is_ever_told(tmp_path: Path) -> None:
    key = tmp_path / "secrets.key"
    write_new_key(key)
    async with recipients(crm=knows(f"{CANARY}-2")) as served:
        catalog = bought_by(tmp_path, served["crm"].port)
        with a_process(tmp_path, "--secrets-key", str(key)) as process:
            told = await in_thread(lambda: change_at_work(process, catalog))
            files = dict(everything_in(tmp_path / "data"))
            assert await in_thread(process.terminate) == 0
        log = (tmp_path / "serve.log").read_text()
        shown = {request.headers["authorization"] for request in served["crm"].requests}
    assert shown == {f"Bearer {CANARY}-1", f"Bearer {CANARY}-2"}
    assert "journal.db-wal" in files
    files |= {f"{name} later": content for name, content in everything_in(tmp_path / "data")}
    assert [name for name, content in files.items() if CANARY.encode() in content] == []
    assert CANARY not in told
    assert CANARY not in log
    assert "the secret crm-token was replaced" in log


def change_at_work(process: Process, catalog: Path) -> str:
    """Deliver with the wrong secret and then with the right one; everything that was told meanwhile."""
    told = []
    with Client(process.address) as client:
        with pytest.raises(InvalidArgument) as refusal:
            client.apply(catalog)
        assert "leadrelay secrets put crm-token" in str(refusal.value)
        assert client.put_secret("crm-token", f"{CANARY}-1")
        client.apply(catalog)
        refused, events = hand_over(process.address)
        assert refused.result == RESULT_ERROR
        told += [repr(refused), events]
        assert not client.put_secret("crm-token", f"{CANARY}-2")
        settled, events = hand_over(process.address)
        assert settled.result == RESULT_SUCCESS
        with pytest.raises(FailedPrecondition) as in_use:
            client.delete_secret("crm-token")
        assert "is in use by crm" in str(in_use.value)
        told += [repr(settled), events, repr(client.list_secrets()), repr(in_use.value), repr(refusal.value)]
        told.append(repr(client.get_catalog()))
    trace = command("trace", "--server", process.address, settled.lead_id, "--detail")
    assert "crm" in trace.stdout
    return "\n".join([*told, trace.stdout, trace.stderr])


async def test_a_key_is_replaced_without_a_lead_being_refused(tmp_path: Path) -> None:
    old, new = tmp_path / "old.key", tmp_path / "new.key"
    old_key, new_key_ = write_new_key(old), write_new_key(new)
    async with recipients(crm=knows(CANARY)) as served:
        catalog = bought_by(tmp_path, served["crm"].port)

        def first(address: str) -> None:
            with Client(address) as client:
                client.put_secret("crm-token", CANARY)
                client.apply(catalog)

        async with a_server(tmp_path, secrets_keys=(old,)) as address:
            await in_thread(lambda: first(address))
        async with a_server(tmp_path, secrets_keys=(new, old)) as address, trio.open_nursery() as nursery:
            nursery.start_soon(in_thread, lambda: hand_over(address))
            rotated = await in_thread(lambda: command("secrets", "rotate", "--server", address))
            assert rotated.stdout == "rotated 1\n"
        wrong = await in_thread(
            lambda: command("serve", "--data", str(tmp_path / "data"), "--secrets-key", str(old))
        )
        async with a_server(tmp_path, secrets_keys=(new,)) as address:
            settled, _ = await in_thread(lambda: hand_over(address))
    assert settled.result == RESULT_SUCCESS
    assert {request.headers["authorization"] for request in served["crm"].requests} == {f"Bearer {CANARY}"}
    assert wrong.returncode == 2
    assert f"need key {new_key_.id}, and only {old_key.id} was given" in wrong.stderr


async def test_a_start_without_the_key_that_is_needed_is_refused_with_its_id(tmp_path: Path) -> None:
    text = new_key()
    with a_process(tmp_path, environment={VARIABLE: text}) as process:
        put = command("secrets", "put", "crm-token", "--server", process.address, stdin=CANARY)
        assert put.returncode == 0, put.stderr
        await in_thread(process.terminate)

    def start(**environment: str) -> "tuple[int, str]":
        arguments = ("serve", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0")
        end = command(*arguments, environment=environment)
        assert end.stdout == ""
        return end.returncode, end.stderr

    other = new_key()
    cases: Mapping[str, dict[str, str]] = {
        f"1 stored secret(s) need key {key_of(text).id}, and none was given": {},
        f"need key {key_of(text).id}, and only {key_of(other).id} was given": {VARIABLE: other},
        "key 1 in the environment variable LEADRELAY_SECRETS_KEY is no key": {VARIABLE: text[:-2]},
    }
    for words, environment in cases.items():
        code, said = start(**environment)
        assert code == 2, said
        assert words in said
        assert "Traceback" not in said
        assert text[:-2] not in said
        assert other not in said
    with a_process(tmp_path, environment={VARIABLE: f"{other} {text}"}) as process:
        assert "crm-token" in command("secrets", "list", "--server", process.address).stdout


async def test_a_server_whose_secrets_lie_in_a_folder_needs_no_key(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "crm-token").write_text(f"{CANARY}\n")
    async with recipients(crm=knows(CANARY)) as served:
        catalog = bought_by(tmp_path, served["crm"].port)
        async with a_server(tmp_path, catalog, secrets=folder) as address:
            settled, told = await in_thread(lambda: hand_over(address))
    assert settled.result == RESULT_SUCCESS
    assert CANARY not in told


async def test_a_start_warns_of_names_in_two_places_and_of_an_open_key_file(tmp_path: Path) -> None:
    folder, key = tmp_path / "secrets", tmp_path / "secrets.key"
    folder.mkdir()
    (folder / "crm-token").write_text("of the folder")
    write_new_key(key)
    arguments = ("--secrets-key", str(key), "--secrets", str(folder))
    with a_process(tmp_path, *arguments) as process:
        assert (
            command("secrets", "put", "crm-token", "--server", process.address, stdin=CANARY).returncode == 0
        )
        await in_thread(process.terminate)
    log = tmp_path / "serve.log"
    log.write_text("")
    key.chmod(0o644)
    with a_process(tmp_path, *arguments, environment={"LEADRELAY_SECRET_CRM_TOKEN": "x"}) as process:
        await in_thread(process.terminate)
    warnings = [
        line.partition(" WARNING ")[2] for line in log.read_text().splitlines() if " WARNING " in line
    ]
    assert warnings == [
        f"the file {key} with the key for secrets is open to other users; `chmod 600 {key}` ends that",
        f"the secret crm-token is in the server's store, which is used, and also in the file "
        f"{folder / 'crm-token'} and the environment variable LEADRELAY_SECRET_CRM_TOKEN: remove that",
    ]
