"""Where credentials come from, and that no name leads anywhere else (behaviour 2, 9)."""

import os
from pathlib import Path

import pytest

from leadrelay.auth.secrets import MAX_SECRET, SecretError, open_secrets, variable


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "secrets"
    inside.mkdir()
    return inside


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"hush", "hush"),
        (b"hush\n", "hush"),
        (b"hush\r\n", "hush"),
        (b"\xef\xbb\xbfhush\r\n", "hush"),
        (b"hush\n\n", "hush\n"),
        (b" hush ", " hush "),
        ("h\u00fcsh".encode(), "h\u00fcsh"),
        (b"-----BEGIN\nAAA\n-----END\n", "-----BEGIN\nAAA\n-----END"),
    ],
)
def test_a_file_holds_one_secret_and_its_last_line_break_is_not_meant(
    content: bytes, value: str, folder: Path
) -> None:
    (folder / "premium-key").write_bytes(content)
    assert open_secrets(folder, {}).get("premium-key") == value


def test_a_variable_of_the_environment_holds_one_too() -> None:
    secrets = open_secrets(None, {"LEADRELAY_SECRET_PREMIUM_KEY_V2": "hush"})
    for name in ("premium-key.v2", "PREMIUM_KEY_V2", "premium_key_v2"):
        assert secrets.get(name) == "hush"


def test_a_file_wins_over_a_variable(folder: Path) -> None:
    (folder / "key").write_text("from the file")
    secrets = open_secrets(folder, {variable("key"): "from the environment"})
    assert secrets.get("key") == "from the file"


def test_a_mounted_secret_may_change_and_is_a_link(folder: Path) -> None:
    """As Kubernetes mounts them: a link into a folder that is swapped."""
    for version in ("1", "2"):
        (folder / f"..{version}").mkdir()
        (folder / f"..{version}" / "key").write_text(f"hush {version}")
    (folder / "..data").symlink_to("..1")
    (folder / "key").symlink_to("..data/key")
    secrets = open_secrets(folder, {})
    assert secrets.get("key") == "hush 1"
    assert secrets.names() == {"key"}
    (folder / "..data").unlink()
    (folder / "..data").symlink_to("..2")
    assert secrets.get("key") == "hush 2"


def test_a_missing_secret_is_named_with_both_places_to_put_it(folder: Path) -> None:
    with pytest.raises(SecretError) as caught:
        open_secrets(folder, {}).get("premium-key")
    words = str(caught.value)
    assert "premium-key" in words
    assert str(folder) in words
    assert "LEADRELAY_SECRET_PREMIUM_KEY" in words


def test_without_a_folder_the_words_say_how_to_give_one() -> None:
    with pytest.raises(SecretError, match="--secrets DIR"):
        open_secrets(None, {}).get("premium-key")


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../outside",
        "/etc/hostname",
        "a/b",
        "a\\b",
        "..data",
        ".hidden",
        "a\0b",
        "a\n",
        "\u00e4",
        "x" * 129,
    ],
)
def test_a_name_that_could_lead_out_of_the_folder_is_refused(name: str, folder: Path) -> None:
    (folder.parent / "outside").write_text("hush")
    secrets = open_secrets(folder, {})
    with pytest.raises(SecretError, match="name"):
        secrets.get(name)
    assert not secrets.has(name)


def test_what_is_no_secret_is_refused_without_a_word_of_it(folder: Path) -> None:
    (folder / "empty").write_text("\n")
    (folder / "binary").write_bytes(b"hush\xff")
    (folder / "huge").write_bytes(b"hush" * MAX_SECRET)
    (folder / "folder").mkdir()
    os.mkfifo(folder / "pipe")  # to read it would wait for ever
    secrets = open_secrets(folder, {})
    for name, words in (
        ("empty", "empty"),
        ("binary", "UTF-8"),
        ("huge", "longer"),
        ("folder", "regular"),
        ("pipe", "regular"),
    ):
        with pytest.raises(SecretError, match=words) as caught:
            secrets.get(name)
        assert name in str(caught.value)
        assert "hush" not in str(caught.value)


def test_the_longest_secret_is_taken(folder: Path) -> None:
    (folder / "long").write_bytes(b"x" * MAX_SECRET)
    assert len(open_secrets(folder, {}).get("long")) == MAX_SECRET


def test_names_are_known_from_both_places(folder: Path) -> None:
    (folder / "premium-key").write_text("hush")
    (folder / "not a name").write_text("hush")
    environment = {"LEADRELAY_SECRET_CRM_TOKEN": "hush", "LEADRELAY_SECRET_": "x", "PATH": "/bin"}
    secrets = open_secrets(folder, environment)
    assert secrets.names() == {"premium-key", "crm_token"}
    assert [secrets.has(name) for name in ("premium-key", "crm-token", "other")] == [True, True, False]


def test_a_folder_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="not a folder"):
        open_secrets(tmp_path / "nowhere", {})


def test_values_are_not_shown_with_the_object(folder: Path) -> None:
    assert "hush" not in repr(open_secrets(folder, {variable("key"): "hush"}))


def test_places_are_told_in_the_order_in_which_they_are_looked_at(folder: Path) -> None:
    (folder / "key").write_text("hush")
    (folder / "folder").mkdir()
    secrets = open_secrets(folder, {variable("key"): "hush", variable("crm-token"): "hush"})
    assert secrets.places("key") == [
        f"the file {folder / 'key'}",
        "the environment variable LEADRELAY_SECRET_KEY",
    ]
    assert secrets.places("crm-token") == ["the environment variable LEADRELAY_SECRET_CRM_TOKEN"]
    for name in ("folder", "missing", "../secrets/key", ""):
        assert secrets.places(name) == []


def test_nobody_tells_of_a_changed_file_or_variable(folder: Path) -> None:
    assert open_secrets(folder, {}).edition("key") == 0
