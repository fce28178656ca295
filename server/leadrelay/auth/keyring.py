"""The keys that stored secrets are under: from files or the environment, and never kept by us (behaviour 9).

The first key is the current one: what is stored anew is put under it. The others open what was stored
before, until `leadrelay secrets rotate` has put everything under the first. A key's id is computed from
it, so an id names one key and no other, and tells nothing about it. A key that cannot be read is an
error with the place to look at; no message repeats any of it.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from leadrelay.auth.secrets import SecretError

VARIABLE = "LEADRELAY_SECRETS_KEY"
OPTION = "--secrets-key FILE"
KEY_BYTES = 32
MAX_FILE = 16 * 1024  # bytes; a few keys and their comments
MAX_KEYS = 16

_HEX = re.compile(r"[0-9A-Fa-f]{64}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")


class Key:
    """One key and its id. Neither `repr` nor `str` shows the key."""

    __slots__ = ("id", "raw")

    def __init__(self, raw: bytes) -> None:
        if len(raw) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes")
        self.raw = raw
        self.id = hmac.digest(raw, b"leadrelay: id of a key for secrets", hashlib.sha256)[:8].hex()

    def __repr__(self) -> str:
        return f"Key({self.id})"


class Keyring:
    """The keys there are, by id; the first is the current one."""

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        self._keys = {key.id: key for key in keys}

    @property
    def current(self) -> Key | None:
        """The key that new secrets are put under."""
        return next(iter(self._keys.values()), None)

    @property
    def ids(self) -> list[str]:
        """All ids, the current key's first."""
        return list(self._keys)

    def find(self, key_id: str) -> Key | None:
        """The key with this id."""
        return self._keys.get(key_id)


def read_keyring(
    files: Sequence[Path], environment: Mapping[str, str] = os.environ
) -> tuple[Keyring, list[str]]:
    """The keys, and what to warn of. Raises SecretError for anything that is not clearly a key.

    A file has one key a line, and comments after `#`; the variable has keys with blanks or commas between.
    """
    written = environment.get(VARIABLE, "").strip()
    if files and written:
        raise SecretError(
            f"keys are given with {OPTION} and in {VARIABLE}: give them in one place, the current one first"
        )
    keys = [key for file in files for key in _keys_of_file(file)]
    keys += [
        _key(word, f"key {number} in the environment variable {VARIABLE}")
        for number, word in enumerate(re.split(r"[\s,]+", written), start=1)
        if word
    ]
    if len(keys) > MAX_KEYS:
        raise SecretError(f"{len(keys)} keys are given; at most {MAX_KEYS} are taken")
    return Keyring(keys), [warning for file in files for warning in _warnings(file)]


def new_key() -> str:
    """A fresh key as text."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


def write_new_key(path: Path) -> Key:
    """Put a fresh key into a file that only its owner can read. Raises FileExistsError, OSError."""
    text = new_key()
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w") as stream:
        stream.write(f"{text}\n")
        stream.flush()
        os.fsync(file)  # secrets may be put under it at once
    return key_of(text)


def key_of(text: str) -> Key:
    """The key that a text stands for, in base64 or hex. Raises ValueError that says what it is not."""
    if _HEX.fullmatch(text):
        return Key(bytes.fromhex(text))
    if not _BASE64.fullmatch(text):
        raise ValueError(f"is neither base64 nor hex of {KEY_BYTES} bytes")
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        raw = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        raise ValueError(f"is neither base64 nor hex of {KEY_BYTES} bytes") from None
    if len(raw) != KEY_BYTES:
        raise ValueError(f"stands for {len(raw)} bytes and has to stand for {KEY_BYTES}")
    return Key(raw)


def _keys_of_file(path: Path) -> list[Key]:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE + 1)
    except OSError as error:
        if not path.exists() and _looks_like_key(str(path)):
            words = (
                f"what {OPTION} names is no file but looks like a key itself, which everybody on this machine"
            )
            raise SecretError(f"{words} can read there: put it into a file, or into {VARIABLE}") from None
        raise SecretError(
            f"the file {path} with the key for secrets cannot be read: {error.strerror}"
        ) from None
    if len(content) > MAX_FILE:
        raise SecretError(f"the file {path} is longer than {MAX_FILE} bytes and so no file with a key")
    lines = content.decode("utf-8", "replace").splitlines()
    keys = [
        _key(word, f"line {number} of the file {path}")
        for number, line in enumerate(lines, start=1)
        if (word := line.partition("#")[0].strip())
    ]
    if not keys:
        raise SecretError(f"the file {path} has no key; `leadrelay secrets new-key` makes one")
    return keys


def _looks_like_key(text: str) -> bool:
    """Also where slashes have gone, as they do from a path that has two of them."""
    return bool(
        _HEX.fullmatch(text) or (40 <= len(text) <= 44 and text[0] != "/" and _BASE64.fullmatch(text))
    )


def _key(text: str, place: str) -> Key:
    try:
        return key_of(text)
    except ValueError as error:
        raise SecretError(f"{place} is no key: it {error}; `leadrelay secrets new-key` makes one") from None


def _warnings(path: Path) -> list[str]:
    mode = path.stat()
    if stat.S_ISREG(mode.st_mode) and mode.st_mode & 0o077:
        return [
            f"the file {path} with the key for secrets is open to other users; `chmod 600 {path}` ends that"
        ]
    return []
