"""SecretService over a real socket: credentials go in and never come out (behaviour 8, 9)."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
import trio
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]

from auth.vaults import CANARY, NEW, OLD
from edges.grpc.serving import ask, refusal, serving, trailing
from fakes import TrioClock
from leadrelay.auth import vault as vault_module
from leadrelay.auth.keyring import Key, Keyring
from leadrelay.auth.secrets import MAX_SECRET, open_secrets, variable
from leadrelay.auth.sources import StoreFirst
from leadrelay.auth.vault import open_vault
from leadrelay.core.errors import JournalError
from leadrelay.edges.catalog.files import read_paths
from leadrelay.edges.catalog.load import Loaded, SourceFile
from leadrelay.edges.catalog.problems import CatalogRefused
from leadrelay.edges.catalog.shelf import Shelf
from leadrelay.edges.grpc.secrets import SERVICE, SecretEdge
from leadrelay.journal.journal import Journal, open_journal
from leadrelay.v1 import secret_service_pb2 as pb

ANSWERS: dict[str, type[Message]] = {
    "Put": pb.PutResponse,
    "List": pb.ListSecretsResponse,
    "Delete": pb.DeleteSecretResponse,
    "Rotate": pb.RotateResponse,
}
CATALOG = """
destinations:
- {name: %s, rest: {url: "https://a.example"}, pass_through: all, auth: [{bearer: {token: {secret: %s}}}]}
"""


class Service:
    """What a test calls and looks at."""

    def __init__(self, stubs: dict[str, Callable[..., Any]], shelf: Shelf, secrets: StoreFirst) -> None:
        self._stubs, self.shelf, self.secrets = stubs, shelf, secrets

    async def put(self, name: str, value: str | bytes = CANARY) -> bool:
        sent = value.encode() if isinstance(value, str) else value
        answer = await ask(self._stubs["Put"], pb.PutRequest(name=name, value=sent))
        assert isinstance(answer, pb.PutResponse)
        return answer.created

    async def ask(self, verb: str, request: Message) -> Any:
        return await ask(self._stubs[verb], request)

    async def refused(self, verb: str, request: Message) -> grpc.RpcError:
        return await refusal(self._stubs[verb], request)

    async def apply(self, *users: tuple[str, str]) -> None:
        """A catalog whose destinations refer to secrets."""
        texts = [CATALOG % user for user in users] or ["fields: [{name: x}]"]
        await self.shelf.apply([SourceFile(f"{n}.yaml", text) for n, text in enumerate(texts)])


@asynccontextmanager
async def a_service(
    folder: Path, *keys: Key, environment: dict[str, str] | None = None, outside: Path | None = None
) -> AsyncIterator[Service]:
    async with (
        open_journal(folder / "data") as journal,
        over(journal, *keys, environment=environment, outside=outside) as service,
    ):
        yield service


@asynccontextmanager
async def over(
    journal: Journal, *keys: Key, environment: dict[str, str] | None = None, outside: Path | None = None
) -> AsyncIterator[Service]:
    vault = await open_vault(journal, Keyring(keys), TrioClock())
    secrets = StoreFirst(vault, open_secrets(outside, environment or {}))
    shelf = Shelf(journal, secrets, TrioClock())
    async with serving(SecretEdge(secrets, shelf).methods()) as served:
        stubs = {
            verb: served.stub("unary_unary", f"/{SERVICE}/{verb}", answer) for verb, answer in ANSWERS.items()
        }
        yield Service(stubs, shelf, secrets)
        assert served.errors == []


def reason(error: grpc.RpcError) -> str:
    return "".join(detail.reason for detail in details(error, ErrorInfo))


def words(error: grpc.RpcError) -> str:
    return error.details() or ""


def violations(error: grpc.RpcError) -> list[str]:
    return [each.field for detail in details(error, BadRequest) for each in detail.field_violations]


def details(error: grpc.RpcError, kind: Any) -> Iterator[Any]:
    status = Status.FromString(trailing(error)["grpc-status-details-bin"])
    for detail in status.details:
        if detail.Is(kind.DESCRIPTOR):
            yield kind.FromString(detail.value)


async def test_what_is_put_is_listed_by_name_and_time_and_its_value_is_what_signers_read(
    tmp_path: Path,
) -> None:
    async with a_service(tmp_path, OLD) as service:
        assert await service.put("crm")
        assert await service.put("dialer")
        assert not await service.put("crm", "other")
        listed = await service.ask("List", pb.ListSecretsRequest())
        assert [secret.name for secret in listed.secrets] == ["crm", "dialer"]
        first, second = (secret.updated_at.ToNanoseconds() for secret in listed.secrets)
        assert first > second > 0
        assert listed.next_page_token == ""
        assert service.secrets.get("crm") == "other"
        assert service.secrets.get("dialer") == CANARY


async def test_a_long_list_comes_page_by_page_also_when_it_changes_meanwhile(tmp_path: Path) -> None:
    async with a_service(tmp_path, OLD) as service:
        for number in range(105):
            await service.secrets.store.put(f"s-{number:03}", "x")
        usual = await service.ask("List", pb.ListSecretsRequest())
        assert len(usual.secrets) == 100
        found, token = [], ""
        while True:
            request = pb.ListSecretsRequest(page_size=40, page_token=token)
            page = await service.ask("List", request)
            found += [secret.name for secret in page.secrets]
            token = page.next_page_token
            if not token:
                break
            await service.secrets.store.delete(found[-1])
        assert found == [f"s-{number:03}" for number in range(105)]
        exact = await service.ask("List", pb.ListSecretsRequest(page_size=103))
        assert (len(exact.secrets), exact.next_page_token) == (103, "")


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.ListSecretsRequest(page_size=1001), "page_size"),
        (pb.ListSecretsRequest(page_token="../x"), "page_token"),
    ],
)
async def test_a_page_that_cannot_be_is_refused(
    tmp_path: Path, request_: pb.ListSecretsRequest, field: str
) -> None:
    async with a_service(tmp_path, OLD) as service:
        error = await service.refused("List", request_)
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert violations(error) == [field]


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("", CANARY.encode(), "name"),
        (f"{CANARY} ", b"x", "name"),
        ("crm", b"", "value"),
        ("crm", CANARY.encode() + b"x" * MAX_SECRET, "value"),
        ("crm", CANARY.encode() + b"\xff", "value"),
    ],
)
async def test_what_cannot_be_a_secret_is_refused_without_being_repeated(
    tmp_path: Path, name: str, value: bytes, field: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A value that was given as the name is not repeated either."""
    with caplog.at_level(logging.DEBUG, "leadrelay"):
        async with a_service(tmp_path, OLD) as service:
            error = await service.refused("Put", pb.PutRequest(name=name, value=value))
            assert service.secrets.store.stored() == []
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert violations(error) == [field]
    for said in (words(error), str(trailing(error)), caplog.text, repr(error)):
        assert CANARY not in said


async def test_without_a_key_putting_and_rotating_say_how_to_set_one_up(tmp_path: Path) -> None:
    async with a_service(tmp_path) as service:
        requests = {"Put": pb.PutRequest(name="crm", value=b"x"), "Rotate": pb.RotateRequest()}
        for verb, request in requests.items():
            error = await service.refused(verb, request)
            assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
            assert reason(error) == "SECRETS_KEY_MISSING"
            assert "leadrelay secrets new-key" in words(error)
        assert not (await service.ask("List", pb.ListSecretsRequest())).secrets


async def test_a_secret_that_the_catalog_in_force_refers_to_stays(tmp_path: Path) -> None:
    async with a_service(tmp_path, OLD) as service:
        await service.put("shared")
        await service.put("other")
        await service.apply(("b", "shared"), ("a", "shared"), ("c", "other"))
        error = await service.refused("Delete", pb.DeleteSecretRequest(name="shared"))
        assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
        assert reason(error) == "SECRET_IN_USE"
        assert "in use by a, b; apply a catalog" in words(error)
        assert service.secrets.has("shared")
        await service.apply(("c", "other"))
        await service.ask("Delete", pb.DeleteSecretRequest(name="shared"))
        assert not service.secrets.has("shared")


async def test_many_users_of_a_secret_are_counted_rather_than_all_told(tmp_path: Path) -> None:
    async with a_service(tmp_path, OLD) as service:
        await service.put("shared")
        await service.apply(*((f"d-{number:02}", "shared") for number in range(25)))
        error = await service.refused("Delete", pb.DeleteSecretRequest(name="shared"))
        assert "d-19, 5 more; apply" in words(error)
        assert "d-20" not in words(error)


async def test_an_unknown_secret_is_told_with_the_place_where_it_does_lie(tmp_path: Path) -> None:
    (tmp_path / "crm").write_text("hush")
    async with a_service(tmp_path, OLD, environment={variable("crm"): "hush"}, outside=tmp_path) as service:
        for name, said in (
            ("nowhere", "there is no secret nowhere in the server's store"),
            (
                "crm",
                f"it is in the file {tmp_path / 'crm'} and the environment variable LEADRELAY_SECRET_CRM",
            ),
        ):
            error = await service.refused("Delete", pb.DeleteSecretRequest(name=name))
            assert (error.code(), reason(error)) == (grpc.StatusCode.NOT_FOUND, "SECRET_NOT_FOUND")
            assert said in words(error)
        error = await service.refused("Delete", pb.DeleteSecretRequest(name="../crm"))
        assert (error.code(), violations(error)) == (grpc.StatusCode.INVALID_ARGUMENT, ["name"])


class SlowShelf(Shelf):
    """Its catalogs come into force only when they are let."""

    def __init__(self, journal: Journal, secrets: StoreFirst) -> None:
        super().__init__(journal, secrets, TrioClock())
        self.is_checked, self.may_go_on = trio.Event(), trio.Event()

    async def _put(self, loaded: Loaded) -> None:
        self.is_checked.set()
        await self.may_go_on.wait()
        await super()._put(loaded)


async def test_a_secret_is_not_deleted_while_a_catalog_that_needs_it_comes_into_force(tmp_path: Path) -> None:
    """Checked and not yet in force is the moment in which neither would notice the other."""
    async with open_journal(tmp_path) as journal:
        secrets = StoreFirst(await open_vault(journal, Keyring([OLD]), TrioClock()), open_secrets(None, {}))
        await secrets.store.put("crm", CANARY)
        shelf = SlowShelf(journal, secrets)
        edge = SecretEdge(secrets, shelf)
        async with serving(edge.methods()) as served, trio.open_nursery() as nursery:
            delete = served.stub("unary_unary", f"/{SERVICE}/Delete", pb.DeleteSecretResponse)
            nursery.start_soon(shelf.apply, [SourceFile("c.yaml", CATALOG % ("a", "crm"))])
            await shelf.is_checked.wait()
            refused: list[grpc.RpcError] = []

            async def ask_to_delete() -> None:
                refused.append(await refusal(delete, pb.DeleteSecretRequest(name="crm")))

            nursery.start_soon(ask_to_delete)
            await served.until(lambda: shelf.at_rest().statistics().tasks_waiting == 1)
            shelf.may_go_on.set()
        assert [reason(error) for error in refused] == ["SECRET_IN_USE"]
        assert secrets.get("crm") == CANARY


async def test_rotating_tells_how_many_and_needs_the_old_key_no_more(tmp_path: Path) -> None:
    async with a_service(tmp_path, OLD) as service:
        for name in ("a", "b", "c"):
            await service.put(name)
    async with a_service(tmp_path, NEW, OLD) as service:
        answer = await service.ask("Rotate", pb.RotateRequest())
        assert answer.rotated == 3
    async with a_service(tmp_path, NEW) as service:
        assert service.secrets.get("b") == CANARY


async def test_a_full_store_says_to_delete_something(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_service(tmp_path, OLD) as service:
        big = "x" * MAX_SECRET
        for number in range(vault_module.MAX_TOTAL // (MAX_SECRET + 28)):
            await service.secrets.store.put(f"s-{number}", big)
        error = await service.refused("Put", pb.PutRequest(name="one-more", value=big.encode()))
        assert (error.code(), reason(error)) == (grpc.StatusCode.FAILED_PRECONDITION, "SECRETS_FULL")
        assert "delete some" in words(error)


async def test_a_damaged_secret_stops_a_rotation_before_it_begins(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal, over(journal, OLD) as service:
        await service.put("crm")
        await service.put("dialer")
        crm, dialer = await journal.secrets()
        await journal.put_secret(replace(crm, data_key=dialer.data_key))
        error = await service.refused("Rotate", pb.RotateRequest())
        assert (error.code(), reason(error)) == (grpc.StatusCode.FAILED_PRECONDITION, "SECRET_DAMAGED")
        assert "nothing was changed: the secret crm is damaged" in words(error)
        assert service.secrets.get("dialer") == CANARY


class BrokenJournal:
    """A journal on a disk that has filled up."""

    async def secrets(self) -> list[Any]:
        return []

    async def put_secret(self, secret: object) -> None:
        raise JournalError("the disk is full")

    delete_secrets = rewrap_secrets = put_secret


async def test_a_journal_that_cannot_write_is_unavailable(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        vault = await open_vault(BrokenJournal(), Keyring([OLD]), TrioClock())  # type: ignore[arg-type]
        secrets = StoreFirst(vault, open_secrets(None, {}))
        edge = SecretEdge(secrets, Shelf(journal, secrets, TrioClock()))
        async with serving(edge.methods()) as served:
            put = served.stub("unary_unary", f"/{SERVICE}/Put", pb.PutResponse)
            error = await refusal(put, pb.PutRequest(name="crm", value=CANARY.encode()))
    assert (error.code(), reason(error)) == (grpc.StatusCode.UNAVAILABLE, "JOURNAL_UNAVAILABLE")
    assert words(error) == "the disk is full; nothing was changed"


async def test_the_log_tells_what_was_done_by_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "leadrelay"):
        async with a_service(tmp_path, OLD, environment={variable("crm"): "hush"}) as service:
            await service.put("dialer")
            await service.put("dialer", "other")
            await service.put("crm")
            await service.ask("Rotate", pb.RotateRequest())
            await service.ask("Delete", pb.DeleteSecretRequest(name="dialer"))
    assert [record.getMessage() for record in caplog.records] == [
        "the secret dialer was stored",
        "the secret dialer was replaced",
        "the secret crm was stored",
        "the secret crm is in the server's store, which is used, and also in the environment variable "
        "LEADRELAY_SECRET_CRM: remove that",
        "2 secret(s) were put under the current key",
        "the secret dialer was deleted",
    ]
    assert CANARY not in caplog.text


async def test_a_catalog_that_misspells_a_secret_is_told_the_one_there_is(tmp_path: Path) -> None:
    """Behaviour 2: with the nearest valid spelling, wherever the secret lies."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "premium-password").write_text("x")
    (tmp_path / "c.yaml").write_text(
        "destinations:\n- {name: crm, rest: {url: 'https://example.com'}, pass_through: all,\n"
        "  auth: [{bearer: {token: {secret: premium-pasword}}}]}\n"
    )
    async with open_journal(tmp_path / "data") as journal, over(journal, OLD, outside=outside) as service:
        with pytest.raises(CatalogRefused, match="did you mean `premium-password`") as refusal:
            await service.shelf.apply(read_paths([tmp_path / "c.yaml"]))
    assert "leadrelay secrets put premium-pasword" in str(refusal.value)
