"""Which value is used when a name lies in several places, and that it is told (behaviour 2, 9)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from auth.vaults import CANARY, OLD, a_vault
from leadrelay.auth.secrets import SecretError, Secrets, open_secrets, variable
from leadrelay.auth.sources import StoreFirst


@asynccontextmanager
async def sources(tmp_path: Path, *, files: str = "", variables: str = "") -> AsyncIterator[StoreFirst]:
    """Secrets of these names outside, each with its place as its value, and an empty store."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    for name in files.split():
        (folder / name).write_text(f"{name} of the folder")
    environment = {variable(name): f"{name} of the environment" for name in variables.split()}
    async with a_vault(tmp_path / "data", OLD) as vault:
        yield StoreFirst(vault, open_secrets(folder, environment))


async def test_the_store_comes_first_then_the_folder_then_the_environment(tmp_path: Path) -> None:
    async with sources(tmp_path, files="a b", variables="a b c") as found:
        secrets: Secrets = found
        await found.store.put("a", "a of the store")
        assert [secrets.get(name) for name in "abc"] == [
            "a of the store",
            "b of the folder",
            "c of the environment",
        ]
        assert secrets.names() == {"a", "b", "c"} == set(found)
        assert ("a" in found, "d" in found, None in found, len(found)) == (True, False, False, 3)
        assert [secrets.has(name) for name in "abcd"] == [True, True, True, False]
        await found.store.delete("a")
        assert secrets.get("a") == "a of the folder"


async def test_a_missing_secret_is_named_with_all_three_ways_to_store_it(tmp_path: Path) -> None:
    async with sources(tmp_path) as secrets:
        with pytest.raises(SecretError) as caught:
            secrets.get("crm-token")
    for way in ("`leadrelay secrets put crm-token`", "the file crm-token of", "LEADRELAY_SECRET_CRM_TOKEN"):
        assert way in str(caught.value)


async def test_what_is_no_name_is_asked_for_nowhere(tmp_path: Path) -> None:
    async with sources(tmp_path) as secrets:
        with pytest.raises(SecretError, match="name") as caught:
            secrets.get("../secrets/key")
        assert "../" not in str(caught.value)


async def test_a_name_in_two_places_is_told_with_the_one_that_counts(tmp_path: Path) -> None:
    async with sources(tmp_path, files="crm-token dialer", variables="dialer other") as secrets:
        await secrets.store.put("crm-token", CANARY)
        await secrets.store.put("alone", CANARY)
        folder = tmp_path / "secrets"
        assert secrets.overlaps() == [
            f"the secret crm-token is in the server's store, which is used, and also in the file "
            f"{folder / 'crm-token'}: remove that",
            f"the secret dialer is in the file {folder / 'dialer'}, which is used, and also in the "
            f"environment variable LEADRELAY_SECRET_DIALER: remove that",
        ]
        await secrets.store.put("dialer", CANARY)
        assert secrets.overlap("dialer").endswith(
            f"also in the file {folder / 'dialer'} and the environment variable "
            f"LEADRELAY_SECRET_DIALER: remove that"
        )
        assert secrets.overlap("alone") == secrets.overlap("nowhere") == ""
        assert CANARY not in " ".join(secrets.overlaps())


async def test_a_variable_shadows_whatever_name_reads_it(tmp_path: Path) -> None:
    async with sources(tmp_path, variables="crm-token") as secrets:
        await secrets.store.put("crm-token", CANARY)
        (words,) = secrets.overlaps()
        assert "the secret crm-token is in the server's store" in words


async def test_moving_a_secret_between_places_is_a_change(tmp_path: Path) -> None:
    async with sources(tmp_path, files="key") as secrets:
        outside = secrets.edition("key")
        await secrets.store.put("key", "x")
        inside = secrets.edition("key")
        await secrets.store.delete("key")
        assert outside != inside != secrets.edition("key")
