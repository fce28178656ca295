"""Keys for stored secrets: read or refused with the place to look at, and never shown (behaviour 9)."""

import base64
import os
import stat
from pathlib import Path

import pytest

from leadrelay.auth.keyring import (
    MAX_FILE,
    MAX_KEYS,
    VARIABLE,
    Key,
    Keyring,
    key_of,
    new_key,
    read_keyring,
    write_new_key,
)
from leadrelay.auth.secrets import SecretError

RAW = bytes(range(200, 232))
TEXT = base64.b64encode(RAW).decode()


def a_file(folder: Path, content: str | bytes, name: str = "secrets.key") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.rstrip("="),
        base64.urlsafe_b64encode(RAW).decode(),
        base64.urlsafe_b64encode(RAW).decode().rstrip("="),
        RAW.hex(),
        RAW.hex().upper(),
    ],
)
def test_a_key_is_written_in_base64_or_hex(text: str) -> None:
    assert key_of(text).raw == RAW


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "neither base64 nor hex"),
        ("correct horse battery staple", "neither base64 nor hex"),
        (TEXT[:-1] + "!", "neither base64 nor hex"),
        ("ABCDE", "neither base64 nor hex"),
        (RAW.hex()[:-2], "stands for 46 bytes"),
        (base64.b64encode(RAW[:16]).decode(), "stands for 16 bytes"),
        (base64.b64encode(RAW + RAW).decode(), "stands for 64 bytes"),
    ],
)
def test_what_is_no_key_is_refused_with_its_place_and_without_a_word_of_it(
    text: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=words):
        key_of(text)
    for files, environment, place in (
        ([a_file(tmp_path, f"# the key\n{text or '-'}\n")], {}, "line 2 of the file"),
        ([], {VARIABLE: f"{TEXT} {text or '-'}"}, f"environment variable {VARIABLE}"),
    ):
        if " " in text and not files:
            continue
        with pytest.raises(SecretError) as caught:
            read_keyring(files, environment)
        assert place in str(caught.value)
        assert "leadrelay secrets new-key" in str(caught.value)
        assert not text or text not in str(caught.value)


def test_an_id_names_one_key_and_tells_nothing_about_it() -> None:
    assert key_of(TEXT).id == key_of(RAW.hex()).id
    ids = {Key(bytes([number]) * 32).id for number in range(256)}
    assert len(ids) == 256
    assert all(len(key_id) == 16 for key_id in ids)
    assert key_of(TEXT).id not in RAW.hex() + TEXT


def test_neither_a_key_nor_a_ring_shows_what_a_key_is() -> None:
    key = key_of(TEXT)
    for shown in (repr(key), str(key), repr(Keyring([key])), f"{[key]}"):
        for form in (TEXT, RAW.hex(), repr(RAW)[2:-1]):
            assert form not in shown


def test_the_first_key_is_current_and_all_are_found_by_id(tmp_path: Path) -> None:
    texts = [new_key() for _ in range(4)]
    first = a_file(tmp_path, f"# new\n{texts[0]}  # since Monday\n\n  {texts[1]}\n", "a.key")
    second = a_file(tmp_path, texts[2], "b.key")
    ring, warnings = read_keyring([first, second], {})
    assert ring.current is not None
    assert [ring.current.id, *ring.ids[1:]] == [key_of(text).id for text in texts[:3]]
    for text in texts[:3]:
        found = ring.find(key_of(text).id)
        assert found is not None
        assert found.raw == key_of(text).raw
    assert ring.find(key_of(texts[3]).id) is None
    assert warnings == []


@pytest.mark.parametrize("between", [" ", ",", ", ", "\n"])
def test_the_environment_has_several_keys_too(between: str) -> None:
    texts = [new_key(), new_key()]
    ring, _ = read_keyring([], {VARIABLE: between.join(texts) + "\n"})
    assert ring.ids == [key_of(text).id for text in texts]


@pytest.mark.parametrize("environment", [{}, {VARIABLE: ""}, {VARIABLE: " \n"}])
def test_no_key_at_all_is_an_empty_ring(environment: dict[str, str]) -> None:
    ring, warnings = read_keyring([], environment)
    assert (ring.current, ring.ids, warnings) == (None, [], [])


def test_keys_from_two_places_are_refused_because_nobody_could_say_which_is_current(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="in one place"):
        read_keyring([a_file(tmp_path, TEXT)], {VARIABLE: new_key()})


@pytest.mark.parametrize(
    ("content", "words"),
    [("", "has no key"), ("# none yet\n\n", "has no key"), ("x" * (MAX_FILE + 1), "longer than")],
)
def test_a_file_without_a_key_is_refused(content: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(SecretError, match=words) as caught:
        read_keyring([a_file(tmp_path, content)], {})
    assert "secrets.key" in str(caught.value)


def test_raw_bytes_are_no_key_and_are_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="neither base64 nor hex"):
        read_keyring([a_file(tmp_path, b"\xff\xfe" * 16)], {})


@pytest.mark.parametrize("text", ["ab" * 32, "aB1+" * 10 + "aB1=", "aB1//" + "aB1+" * 9 + "aa="])
def test_a_key_in_the_place_of_its_file_is_not_repeated(text: str) -> None:
    path = Path(text)
    with pytest.raises(SecretError, match="looks like a key itself") as caught:
        read_keyring([path], {})
    assert str(path)[:8] not in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.key", tmp_path):
        with pytest.raises(SecretError, match="cannot be read") as caught:
            read_keyring([path], {})
        assert str(path) in str(caught.value)


def test_more_keys_than_anybody_rotates_are_refused() -> None:
    with pytest.raises(SecretError, match=f"at most {MAX_KEYS}"):
        read_keyring([], {VARIABLE: " ".join(new_key() for _ in range(MAX_KEYS + 1))})


def test_a_file_that_others_may_read_is_warned_of(tmp_path: Path) -> None:
    path = a_file(tmp_path, TEXT)
    for mode, is_open in ((0o600, False), (0o400, False), (0o640, True), (0o604, True)):
        path.chmod(mode)
        _, warnings = read_keyring([path], {})
        assert [f"chmod 600 {path}" in warning for warning in warnings] == [True] * is_open


def test_a_new_key_goes_into_a_file_of_its_owner_and_never_over_another(tmp_path: Path) -> None:
    path = tmp_path / "new.key"
    before = os.umask(0)
    try:
        key = write_new_key(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    ring, warnings = read_keyring([path], {})
    assert (ring.ids, warnings) == ([key.id], [])
    content = path.read_bytes()
    with pytest.raises(FileExistsError):
        write_new_key(path)
    assert path.read_bytes() == content


def test_new_keys_differ() -> None:
    assert len({new_key() for _ in range(100)}) == 100
