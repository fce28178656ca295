"""Messages about secrets must name what the secret store really reads."""

from pathlib import Path

from auth.vaults import OLD, a_vault
from leadrelay.auth.secrets import open_secrets
from leadrelay.edges.catalog.secret_names import PATTERN, how_to_store

NAME = "crm.client-1"


def test_what_a_message_advises_works(tmp_path: Path) -> None:
    *_, variable = how_to_store(NAME).split()
    assert open_secrets(None, {variable: "x"}).has(NAME)
    assert f"the file {NAME} of the folder" in how_to_store(NAME)
    (tmp_path / NAME).write_text("x")
    assert open_secrets(tmp_path, {}).has(NAME)
    assert f"`leadrelay secrets put {NAME}`" in how_to_store(NAME)


async def test_every_name_that_a_catalog_may_use_can_be_stored(tmp_path: Path) -> None:
    async with a_vault(tmp_path, OLD) as vault:
        for name in (NAME, "_x", "0", "a" * 128):
            assert PATTERN.fullmatch(name)
            await vault.put(name, "x")


def test_names_are_those_of_the_store(tmp_path: Path) -> None:
    for name in (NAME, "_x", "a" * 128, "a" * 129, ".a", "a/b", "a b", ""):
        variable = "LEADRELAY_SECRET_" + name.upper().replace("-", "_").replace(".", "_")
        assert open_secrets(None, {variable: "x"}).has(name) is bool(PATTERN.fullmatch(name))
