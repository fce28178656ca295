"""The store of secrets on a real journal (behaviour 9)."""

import logging
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import trio

from auth.vaults import CANARY, NEW, OLD, a_vault, everything_in
from fakes import TrioClock
from leadrelay.auth import vault as vault_module
from leadrelay.auth.bearer import bearer
from leadrelay.auth.envelope import DamagedSecret, seal
from leadrelay.auth.keyring import Key, Keyring
from leadrelay.auth.secrets import MAX_SECRET, Keeper, SecretError, Secrets
from leadrelay.auth.vault import MissingKey, NoKey, StoreFull, UnfitSecret, Vault, open_vault
from leadrelay.core.destination import Bearer
from leadrelay.core.errors import JournalError
from leadrelay.core.exchange import Request
from leadrelay.core.sealed import Sealed
from leadrelay.journal.journal import open_journal
from leadrelay.journal.sqlite_file import DATABASE

PLAIN = Request(method="POST", url="https://buyer.example/leads")


class MemoryStore:
    """Envelopes in memory; `is_broken` fails what writes, before or after it was done."""

    def __init__(self, *kept: Sealed) -> None:
        self.kept = {sealed.name: sealed for sealed in kept}
        self.is_broken, self.lands_all_the_same = False, False

    async def secrets(self) -> list[Sealed]:
        await trio.lowlevel.checkpoint()
        return sorted(self.kept.values(), key=lambda sealed: sealed.name)

    async def put_secret(self, secret: Sealed) -> None:
        await self._write({**self.kept, secret.name: secret})

    async def delete_secrets(self, names: Sequence[str]) -> int:
        await self._write({name: sealed for name, sealed in self.kept.items() if name not in names})
        return len(names)

    async def rewrap_secrets(self, secrets: Sequence[Sealed]) -> int:
        await self._write({**self.kept, **{secret.name: secret for secret in secrets}})
        return len(secrets)

    async def _write(self, kept: dict[str, Sealed]) -> None:
        await trio.lowlevel.checkpoint()
        if not self.is_broken or self.lands_all_the_same:
            self.kept = kept
        if self.is_broken:
            raise JournalError("disk full")


async def over(store: MemoryStore, *keys: str) -> Vault:
    ring = Keyring([{"old": OLD, "new": NEW}[key] for key in keys])
    return await open_vault(store, ring, TrioClock())


async def test_what_is_put_is_there_also_after_a_restart(tmp_path: Path) -> None:
    async with a_vault(tmp_path, OLD) as vault:
        assert await vault.put("crm", "first")
        assert await vault.put("other", "two\nlines")
        assert not await vault.put("crm", CANARY)
        assert vault.get("crm") == CANARY
    async with a_vault(tmp_path, OLD) as vault:
        assert (vault.get("crm"), vault.get("other")) == (CANARY, "two\nlines")
        assert vault.names() == {"crm", "other"}
        assert [vault.has(name) for name in ("crm", "CRM", "third")] == [True, False, False]
        assert [name for name, _ in vault.stored()] == ["crm", "other"]


async def test_it_is_what_signers_read_and_what_may_keep_a_rotated_token(tmp_path: Path) -> None:
    async with a_vault(tmp_path, OLD) as vault:
        keeper: Keeper = vault
        secrets: Secrets = vault
        await keeper.put("refresh-token", "r-2")
        assert secrets.get("refresh-token") == "r-2"


async def test_no_file_of_the_data_folder_has_the_value_in_it(tmp_path: Path) -> None:
    forms = (CANARY.encode(), CANARY.encode("utf-16-le"), CANARY.encode().hex().encode())
    async with a_vault(tmp_path, OLD) as vault:
        await vault.put("crm", CANARY)
        await vault.put("gone", CANARY)
        await vault.delete("gone")
        await vault.rotate()
        live = everything_in(tmp_path)
        assert f"{DATABASE}-wal" in live
    for content in (*live.values(), *everything_in(tmp_path).values()):
        assert not any(form in content for form in forms)
        assert OLD.raw not in content


async def test_what_was_replaced_or_deleted_leaves_no_envelope_behind(tmp_path: Path) -> None:
    """A key that is stolen later opens nothing that is gone."""
    async with a_vault(tmp_path, OLD) as vault:
        for name in ("replaced", "deleted", "rotated"):
            await vault.put(name, CANARY)
        with closing(sqlite3.connect(tmp_path / DATABASE)) as database:
            lines = database.execute("SELECT name, data_key, content FROM secrets").fetchall()
        await vault.put("replaced", "other")
        await vault.delete("deleted")
        await vault.rotate()
    content = everything_in(tmp_path)[DATABASE]
    for name, data_key, sealed in lines:
        assert data_key not in content, name
        assert (sealed in content) is (name == "rotated")


async def test_a_deleted_secret_is_gone_and_may_come_again(tmp_path: Path) -> None:
    async with a_vault(tmp_path, OLD) as vault:
        await vault.put("crm", "one")
        assert await vault.delete("crm")
        assert not await vault.delete("crm")
        assert not vault.has("crm")
        with pytest.raises(SecretError, match="no secret crm"):
            vault.get("crm")
        assert await vault.put("crm", "two")
    async with a_vault(tmp_path, OLD) as vault:
        assert vault.get("crm") == "two"


async def test_an_empty_store_needs_no_key_and_putting_says_how_to_set_one_up(tmp_path: Path) -> None:
    async with a_vault(tmp_path) as vault:
        for ask in (lambda: vault.put("crm", CANARY), vault.rotate):
            with pytest.raises(NoKey) as caught:
                await ask()
            for words in ("leadrelay secrets new-key", "--secrets-key FILE", "LEADRELAY_SECRETS_KEY"):
                assert words in str(caught.value)
            assert CANARY not in str(caught.value)
        assert vault.stored() == []


@pytest.mark.parametrize(("given", "said"), [((), "none was given"), ((NEW,), f"only {NEW.id} was given")])
async def test_a_missing_or_wrong_key_is_a_clear_refusal(given: tuple[Key, ...], said: str) -> None:
    store = MemoryStore(*(seal(name, CANARY, version=1, at=1, key=OLD) for name in ("crm", "dialer")))
    with pytest.raises(MissingKey) as caught:
        await open_vault(store, Keyring(given), TrioClock())
    for words in (
        f"2 stored secret(s) need key {OLD.id}",
        said,
        "--secrets-key FILE",
        "LEADRELAY_SECRETS_KEY",
        f"leadrelay secrets forget {OLD.id}",
    ):
        assert words in str(caught.value)


async def test_with_both_keys_everything_is_read_and_what_is_new_is_under_the_first(tmp_path: Path) -> None:
    async with a_vault(tmp_path, OLD) as vault:
        await vault.put("crm", CANARY)
    async with a_vault(tmp_path, NEW, OLD) as vault:
        await vault.put("dialer", "new")
        assert (vault.get("crm"), vault.get("dialer")) == (CANARY, "new")
    async with open_journal(tmp_path) as journal:
        assert {sealed.name: sealed.key_id for sealed in await journal.secrets()} == {
            "crm": OLD.id,
            "dialer": NEW.id,
        }


async def test_after_a_rotation_the_old_key_is_not_needed(tmp_path: Path) -> None:
    async with a_vault(tmp_path, OLD) as vault:
        for number in range(25):
            await vault.put(f"s-{number}", f"{CANARY}-{number}")
        before = vault.stored()
    async with a_vault(tmp_path, NEW, OLD) as vault:
        assert await vault.rotate() == 25
        assert vault.stored() == before
    async with a_vault(tmp_path, NEW) as vault:
        assert [vault.get(f"s-{number}") for number in range(25)] == [f"{CANARY}-{n}" for n in range(25)]
        assert await vault.rotate() == 25


async def test_an_empty_store_rotates_nothing(tmp_path: Path) -> None:
    async with a_vault(tmp_path, OLD) as vault:
        assert await vault.rotate() == 0


async def test_a_hundred_readers_read_on_while_it_rotates(tmp_path: Path) -> None:
    reads = 0
    async with a_vault(tmp_path, OLD) as vault:
        for number in range(100):
            await vault.put(f"s-{number}", f"value {number}")
    async with a_vault(tmp_path, NEW, OLD) as vault, trio.open_nursery() as nursery:

        async def read(number: int) -> None:
            nonlocal reads
            while True:
                assert vault.get(f"s-{number}") == f"value {number}"
                reads += 1
                await trio.lowlevel.checkpoint()

        for number in range(100):
            nursery.start_soon(read, number)
        for _ in range(5):
            before = reads
            assert await vault.rotate() == 100
            assert reads > before
        nursery.cancel_scope.cancel()


async def test_what_is_put_while_it_rotates_is_not_lost(tmp_path: Path) -> None:
    async with a_vault(tmp_path, OLD) as vault:
        for number in range(20):
            await vault.put(f"s-{number}", "old")
    async with a_vault(tmp_path, NEW, OLD) as vault:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(vault.rotate)
            for number in range(10):
                nursery.start_soon(vault.put, f"s-{number}", "new")
            nursery.start_soon(vault.delete, "s-19")
            nursery.start_soon(vault.rotate)
        await vault.rotate()
    async with a_vault(tmp_path, NEW) as vault:
        assert [vault.get(f"s-{number}") for number in range(19)] == ["new"] * 10 + ["old"] * 9
        assert not vault.has("s-19")


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("", CANARY, "name"),
        ("../etc", CANARY, "name"),
        (".hidden", CANARY, "name"),
        ("a" * 129, CANARY, "name"),
        ("crm", "", "value"),
        ("crm", CANARY + "x" * MAX_SECRET, "value"),
        ("crm", CANARY + "\ud800", "value"),
    ],
)
async def test_what_cannot_be_a_secret_is_refused_without_being_repeated(
    name: str, value: str, part: str
) -> None:
    vault = await over(MemoryStore(), "old")
    with pytest.raises(UnfitSecret) as caught:
        await vault.put(name, value)
    assert caught.value.part == part
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert vault.stored() == []


async def test_the_longest_name_and_value_are_taken() -> None:
    vault = await over(MemoryStore(), "old")
    await vault.put("a" * 128, "x" * MAX_SECRET)
    assert len(vault.get("a" * 128)) == MAX_SECRET


async def test_it_takes_so_many_secrets_and_no_more() -> None:
    store = MemoryStore(
        *(seal(f"s-{n}", "x", version=1, at=1, key=OLD) for n in range(vault_module.MAX_SECRETS))
    )
    vault = await over(store, "old")
    with pytest.raises(StoreFull, match="delete some"):
        await vault.put("one-more", CANARY)
    assert not await vault.put("s-7", "replaced")
    await vault.delete("s-8")
    assert await vault.put("one-more", CANARY)


async def test_it_takes_so_many_bytes_and_no_more() -> None:
    sealed = seal("big-0", "x" * MAX_SECRET, version=1, at=1, key=OLD)
    fitting = vault_module.MAX_TOTAL // len(sealed.content)
    store = MemoryStore(*(replace(sealed, name=f"big-{n}") for n in range(fitting)))
    vault = await over(store, "old")
    with pytest.raises(StoreFull, match="bytes"):
        await vault.put("one-more", "x" * MAX_SECRET)
    await vault.put("small", "x")


async def test_a_secret_that_was_tampered_with_costs_only_itself(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_vault(tmp_path, OLD) as vault:
        await vault.put("crm", CANARY)
        await vault.put("dialer", "hush")
        await vault.put("other", "hush")
    with closing(sqlite3.connect(tmp_path / DATABASE)) as database, database:
        database.execute(
            "UPDATE secrets SET (data_key, content) ="
            " (SELECT data_key, content FROM secrets WHERE name = 'dialer') WHERE name = 'crm'"
        )
    with caplog.at_level(logging.INFO):
        async with a_vault(tmp_path, OLD) as vault:
            assert vault.get("dialer") == "hush"
            with pytest.raises(DamagedSecret, match="leadrelay secrets put crm"):
                vault.get("crm")
            with pytest.raises(DamagedSecret, match="leadrelay secrets put crm"):
                await vault.rotate()
            assert vault.get("dialer") == "hush"
            await vault.put("crm", "mended")
            assert await vault.rotate() == 3
            assert vault.get("crm") == "mended"
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "the secret crm is damaged" in caplog.text


async def test_a_start_tells_of_secrets_under_older_keys(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_vault(tmp_path, OLD) as vault:
        await vault.put("crm", CANARY)
    with caplog.at_level(logging.INFO):
        async with a_vault(tmp_path, NEW, OLD):
            pass
    assert "1 stored secret(s) are under older keys; `leadrelay secrets rotate`" in caplog.text
    assert CANARY not in caplog.text


async def test_a_write_that_fails_changes_nothing_that_is_read() -> None:
    store = MemoryStore()
    vault = await over(store, "new", "old")
    await vault.put("crm", "first")
    store.is_broken = True
    for ask in (lambda: vault.put("crm", "second"), lambda: vault.delete("crm"), vault.rotate):
        with pytest.raises(JournalError):
            await ask()
        assert vault.get("crm") == "first"
    store.is_broken = False
    assert not await vault.put("crm", "third")
    assert vault.get("crm") == "third"


async def test_a_write_that_landed_although_it_failed_is_found_when_it_rotates() -> None:
    store = MemoryStore()
    vault = await over(store, "old")
    await vault.put("crm", "first")
    await vault.put("gone", "first")
    store.is_broken = store.lands_all_the_same = True
    with pytest.raises(JournalError):
        await vault.put("crm", "second")
    with pytest.raises(JournalError):
        await vault.delete("gone")
    store.is_broken = False
    edition = vault.edition("crm")
    assert await vault.rotate() == 1
    assert (vault.get("crm"), vault.has("gone"), vault.edition("gone")) == ("second", False, 0)
    assert vault.edition("crm") != edition


async def test_a_caller_who_gives_up_leaves_the_secret_stored_or_not_stored(tmp_path: Path) -> None:
    """What is read and what is on disk are the same, whenever the cancellation comes."""
    async with a_vault(tmp_path, OLD) as vault:
        seen = []
        for number in range(20):
            with trio.move_on_after(number / 10_000):
                await vault.put("crm", f"value {number}")
            seen.append(vault.get("crm") if vault.has("crm") else None)
            last = seen[-1]
    async with a_vault(tmp_path, OLD) as vault:
        assert (vault.get("crm") if vault.has("crm") else None) == last


async def test_a_changed_secret_is_shown_with_the_next_request(tmp_path: Path) -> None:
    """No restart, and no 401 is needed for it (behaviour 9)."""
    async with a_vault(tmp_path, NEW, OLD) as vault:
        await vault.put("key", "old")
        signer = bearer(Bearer(token="key"), vault)

        async def shown() -> str:
            return dict((await signer.sign(PLAIN)).headers)["Authorization"]

        assert await shown() == "Bearer old"
        await vault.put("key", "new")
        assert await shown() == "Bearer new"
        await vault.put("other", "x")
        await vault.rotate()
        assert await shown() == "Bearer new"
        await vault.delete("key")
        await vault.put("key", "newest")
        assert await shown() == "Bearer newest"


async def test_only_a_change_of_the_value_is_a_new_edition(tmp_path: Path) -> None:
    async with a_vault(tmp_path, NEW, OLD) as vault:
        assert vault.edition("key") == 0
        await vault.put("key", "one")
        first = vault.edition("key")
        await vault.put("other", "x")
        await vault.rotate()
        assert vault.edition("key") == first != 0
        await vault.put("key", "one")
        assert vault.edition("key") not in (0, first)
        await vault.delete("key")
        assert vault.edition("key") == 0


async def test_nothing_that_is_shown_of_it_has_a_value_or_a_key_in_it(tmp_path: Path) -> None:
    async with a_vault(tmp_path, OLD) as vault:
        await vault.put("crm", CANARY)
        shown = f"{vault!r} {vars(vault)!r} {vault.stored()!r}"
        assert CANARY not in shown
        assert repr(OLD.raw) not in shown
        assert OLD.raw.hex() not in shown
