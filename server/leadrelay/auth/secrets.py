"""Credentials by name, and those of a folder with a file for each or of the environment (behaviour 2, 9).

A catalog only names its secrets. Nothing here ever puts a value into a message, a log line or a
`repr`, and no name can lead out of the folder. The store that the server keeps itself is `vault`.
"""

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

MAX_SECRET = 64 * 1024  # bytes; a private key with its chain is a tenth of that
PREFIX = "LEADRELAY_SECRET_"

NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")
NAME_WORDS = "a secret's name has 1 to 128 letters, digits, `.`, `_` and `-`, and no `.` at its beginning"


class SecretError(Exception):
    """A secret cannot be had; the message says which, why, and where to put it."""


class Secrets(Protocol):
    """Credentials by name."""

    def get(self, name: str) -> str:
        """The value as it is now. Raises SecretError."""

    def has(self, name: str) -> bool:
        """Whether there is a secret of that name."""

    def names(self) -> frozenset[str]:
        """Names that are known. A variable of the environment is known by its name in lower case."""

    def edition(self, name: str) -> int:
        """Another number whenever the secret is known to have changed, so that it is read again."""


class Keeper(Protocol):
    """Where a value can be put by name, such as a token that its issuer exchanged for another."""

    async def put(self, name: str, value: str) -> bool:
        """Keep a value, also across a restart; whether the name is new.

        Raises SecretError, and JournalError when it could not be written.
        """


def open_secrets(folder: Path | None, environment: Mapping[str, str] = os.environ) -> "FolderAndEnvironment":
    """The secrets of a folder, where there is one, and of the environment. Raises SecretError."""
    if folder is not None and not folder.is_dir():
        raise SecretError(f"the secrets folder {folder} is not a folder; make it, or leave out --secrets")
    return FolderAndEnvironment(folder, environment)


class FolderAndEnvironment:
    """A file wins over a variable. Both are read whenever asked, so a mounted secret may change."""

    def __init__(self, folder: Path | None, environment: Mapping[str, str]) -> None:
        self._folder, self._environment = folder, environment

    def get(self, name: str) -> str:
        """See Secrets."""
        check_name(name)
        value = self._from_folder(name)
        if value is None:
            value = self._environment.get(variable(name))
        if value is None:
            raise SecretError(f"there is no secret {name}; {self._where_to_put(name)}")
        if not value:
            raise SecretError(f"the secret {name} is empty; {self._where_to_put(name)}")
        return value

    def has(self, name: str) -> bool:
        """See Secrets."""
        if not NAME.fullmatch(name):
            return False
        return variable(name) in self._environment or (
            self._folder is not None and (self._folder / name).is_file()
        )

    def names(self) -> frozenset[str]:
        """See Secrets."""
        variables = (key for key in self._environment if key.startswith(PREFIX) and key != PREFIX)
        known = {key.removeprefix(PREFIX).lower() for key in variables}
        if self._folder is not None:
            # A mounted volume also has folders and links of its own, whose names begin with a dot.
            known |= {
                path.name for path in self._folder.iterdir() if path.is_file() and NAME.fullmatch(path.name)
            }
        return frozenset(known)

    def edition(self, _name: str) -> int:
        """See Secrets. Nobody tells us of a change: a recipient that refuses the old value does."""
        return 0

    def places(self, name: str) -> list[str]:
        """Where a secret of this name lies, in the order in which it is looked for."""
        found = []
        if self._folder is not None and NAME.fullmatch(name) and (self._folder / name).is_file():
            found.append(f"the file {self._folder / name}")
        if variable(name) in self._environment:
            found.append(f"the environment variable {variable(name)}")
        return found

    def _from_folder(self, name: str) -> str | None:
        if self._folder is None:
            return None
        try:
            content = _read(self._folder / name)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SecretError(f"the file of the secret {name} cannot be read: {error.strerror}") from None
        except ValueError as error:
            raise SecretError(f"the file of the secret {name} {error}") from None
        return as_meant(content)

    def _where_to_put(self, name: str) -> str:
        folder = self._folder or "the folder given with --secrets DIR"
        return (
            f"store it with `leadrelay secrets put {name}`, or write it into the file {name} of {folder}, "
            f"or into the environment variable {variable(name)}"
        )


def as_meant(content: str) -> str:
    """Editors and `echo` end a text with a line break that nobody means; some begin it with a mark."""
    return content.removeprefix("\ufeff").removesuffix("\n").removesuffix("\r")


def variable(name: str) -> str:
    """The environment variable that may hold a secret."""
    return PREFIX + name.upper().replace("-", "_").replace(".", "_")


def check_name(name: str) -> None:
    """Raises SecretError, without the name: what is no name may be a value in the wrong place."""
    if not NAME.fullmatch(name):
        raise SecretError(NAME_WORDS)


def _read(path: Path) -> str:
    """Links are followed: mounted secrets are links. Raises OSError, and ValueError for what is no text."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("is not a regular file")
    with path.open("rb") as file:
        content = file.read(MAX_SECRET + 1)
    if len(content) > MAX_SECRET:
        raise ValueError(f"is longer than {MAX_SECRET} bytes")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise ValueError("is not text in UTF-8") from None
