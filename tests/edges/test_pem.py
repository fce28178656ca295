"""What is wrong with a PEM file is said with its name, before anybody connects (behaviour 9)."""

from pathlib import Path

import pytest

from certificates import an_authority
from leadrelay.edges.pem import read_authorities, read_pair


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    authority = an_authority()
    certificate, key = authority.client_pem()
    _, another = authority.client_pem()
    files = {
        "ca": authority.pem,
        "certificate": certificate,
        "key": key,
        "another": another,
        "text": "no PEM",
    }
    for name, pem in files.items():
        (tmp_path / name).write_text(pem)
    (tmp_path / "binary").write_bytes(b"\x30\x82\xff")
    return tmp_path


def test_what_is_right_is_given_as_it_is(folder: Path) -> None:
    assert read_authorities(folder / "ca") == (folder / "ca").read_bytes()
    pair = (folder / "certificate").read_bytes(), (folder / "key").read_bytes()
    assert read_pair(folder / "certificate", folder / "key") == pair


@pytest.mark.parametrize("name", ["text", "binary", "key"])
def test_a_file_without_certificates_trusts_nobody(folder: Path, name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: holds no certificates"):
        read_authorities(folder / name)


@pytest.mark.parametrize("key", ["another", "text", "binary", "certificate"])
def test_a_key_that_is_not_the_certificates_is_named_with_it(folder: Path, key: str) -> None:
    with pytest.raises(
        ValueError, match=f"certificate and .*{key}: are no certificate and its unencrypted key"
    ):
        read_pair(folder / "certificate", folder / key)


def test_a_file_that_is_not_there_is_named(folder: Path) -> None:
    for ask in (lambda: read_authorities(folder / "gone"), lambda: read_pair(folder / "ca", folder / "gone")):
        with pytest.raises(ValueError, match="gone: cannot be read: No such file"):
            ask()
