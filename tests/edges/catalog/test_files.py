"""Which files make up a catalog (behaviour 2)."""

from pathlib import Path

import pytest

from leadrelay.edges.catalog.files import read_paths
from leadrelay.edges.catalog.problems import CatalogRefused
from leadrelay.edges.catalog.yaml_source import MAX_FILE_BYTES


def names(*paths: Path) -> list[str]:
    return [Path(file.name).name for file in read_paths(paths)]


def test_reads_the_catalog_files_of_a_folder_in_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.yml", "a.yaml", "c.JSON", "notes.txt", ".hidden.yaml", "README.md"):
        (tmp_path / name).write_text(name)
    (tmp_path / "folder.yaml").mkdir()
    assert names(tmp_path) == ["a.yaml", "b.yml", "c.JSON"]
    assert read_paths([tmp_path])[0].content == b"a.yaml"


def test_the_folders_of_a_folder_are_read_after_its_files(tmp_path: Path) -> None:
    for name in ("flows/us.yaml", "flows/eu/de.yaml", "crm.yaml", "a/b.txt", ".git/x.yaml", "z.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    assert [
        str(file.content, "utf-8") for file in read_paths([tmp_path]) if isinstance(file.content, bytes)
    ] == [
        "crm.yaml",
        "z.yaml",
        "flows/us.yaml",
        "flows/eu/de.yaml",
    ]


def test_a_folder_that_is_linked_to_is_read_and_one_that_leads_back_is_read_once(tmp_path: Path) -> None:
    shared, catalog = tmp_path / "shared", tmp_path / "catalog"
    for folder in (shared, catalog):
        folder.mkdir()
        (folder / f"{folder.name}.yaml").touch()
    (catalog / "linked").symlink_to(shared)
    (shared / "back").symlink_to(catalog)
    assert names(catalog) == ["catalog.yaml", "shared.yaml"]


def test_what_is_named_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "eu").mkdir()
    (tmp_path / "eu" / "a.yaml").touch()
    (tmp_path / "b.yaml").symlink_to(tmp_path / "eu" / "a.yaml")
    assert names(tmp_path, tmp_path / "eu", tmp_path / "eu" / "a.yaml") == ["b.yaml"]


def test_a_file_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "catalog.conf").write_text("flows: []")
    assert names(tmp_path / "catalog.conf") == ["catalog.conf"]


def test_an_empty_folder_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(CatalogRefused) as refusal:
        read_paths([tmp_path])
    assert str(refusal.value) == (
        f"{tmp_path}: the folder has no catalog; files named *.yaml, *.yml, *.json were looked for in it"
    )


def test_every_path_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(CatalogRefused) as refusal:
        read_paths([tmp_path / "one.yaml", tmp_path / "two.yaml"])
    assert str(refusal.value).splitlines() == [
        f"{tmp_path / 'one.yaml'}: cannot be read: No such file or directory",
        f"{tmp_path / 'two.yaml'}: cannot be read: No such file or directory",
    ]


def test_no_more_is_read_than_shows_that_a_file_is_too_large(tmp_path: Path) -> None:
    with (tmp_path / "big.yaml").open("wb") as file:
        file.truncate(MAX_FILE_BYTES * 4)
    (source,) = read_paths([tmp_path])
    assert len(source.content) == MAX_FILE_BYTES + 1


def test_too_many_files_are_not_even_opened(tmp_path: Path) -> None:
    for number in range(1001):
        (tmp_path / f"{number}.yaml").touch()
    with pytest.raises(CatalogRefused, match="more files in this folder than the 1000"):
        read_paths([tmp_path])
