"""The file with the callers of this server: API keys by their hashes, or certificates by their names.

One line for each, as in an `authorized_keys`, so that giving, changing and taking a key is a matter of one
line, needs no running server, and can be kept and reviewed like any other configuration. Why a file, and not
a service: whoever may make keys by a call has to have one first.

    web-forms  key=1f0c…:9b74…  verbs=deliver,watch  flows=loans,auto-*  until=2027-03-31
    partner    certificate=relay.partner.example  verbs=deliver

A key holds 256 random bits. Nobody can try those out, so its hash is a plain SHA-256: a slow one protects
what people choose, and would cost each call what it costs to guess.
"""

import hmac
import logging
import os
import re
import secrets as chance
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import trio

from leadrelay.core.callers import VERBS, VERBS_OF_FLOWS, Caller
from leadrelay.core.ports import Clock

OPTION: Final = "--api-keys FILE"
LOOK_AGAIN: Final = 1.0  # seconds after which a changed file counts
MAX_FILE: Final = 4 * 1024 * 1024  # bytes

NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_KEY = re.compile(r"lrk_([0-9a-f]{16})_[0-9a-f]{64}")
_STORED = re.compile(r"([0-9a-f]{16}):([0-9a-f]{64})")
_FLOW = re.compile(r"[A-Za-z0-9_.-]{1,100}\*?|\*")
_MEMBERS = ("key", "certificate", "verbs", "flows", "until")
_NOBODY = "0" * 64

log = logging.getLogger("leadrelay.auth")


class BadKeys(ValueError):
    """The file cannot be read, or a line of it says something that cannot be meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line."""

    caller: Caller
    key_id: str = ""  # one of the two
    hash: str = ""  # SHA-256 of the whole key, in hex
    certificate: str = ""  # a name in the certificate that the caller shows
    until: date | None = None  # the last day on which it counts, in UTC

    def line(self) -> str:
        proof = f"key={self.key_id}:{self.hash}" if self.key_id else f"certificate={self.certificate}"
        members = [self.caller.name, proof]
        if self.caller.verbs:
            members.append(f"verbs={','.join(verb for verb in VERBS if verb in self.caller.verbs)}")
        if self.caller.flows:
            members.append(f"flows={','.join(self.caller.flows)}")
        if self.until is not None:
            members.append(f"until={self.until.isoformat()}")
        return "  ".join(members)


def new_key(entry: Entry) -> tuple[str, Entry]:
    """A fresh key, and the entry that knows it again. The key itself is kept nowhere."""
    key_id = chance.token_hex(8)
    key = f"lrk_{key_id}_{chance.token_hex(32)}"
    return key, replace(entry, key_id=key_id, hash=_hash(key))


def read_entries(path: Path) -> list[Entry]:
    """All entries of a file. Raises BadKeys with the place."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE + 1)
        text = content.decode()
    except OSError as error:
        raise BadKeys(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadKeys(f"{path}: is not text in UTF-8") from None
    if len(content) > MAX_FILE:
        raise BadKeys(f"{path}: is longer than {MAX_FILE} bytes")
    entries, seen = [], set[str]()
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            entry = _entry(line.split(), f"{path}:{number}")
            if entry.caller.name in seen:
                raise BadKeys(f"{path}:{number}: there is a {entry.caller.name} already; names are unique")
            seen.add(entry.caller.name)
            entries.append(entry)
    return entries


def write_entries(path: Path, entries: Iterable[Entry]) -> None:
    """Put these in place of what the file has, at once and for its owner's eyes only. Raises OSError."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".keys-", delete=False) as file:
        try:
            file.write("# The callers of this server: see `leadrelay keys --help`.\n")
            file.writelines(f"{entry.line()}\n" for entry in entries)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


class ApiKeys:
    """Knows callers by what they show. A changed file counts within a second, without a restart."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Raises BadKeys."""
        self._path, self._clock = path, clock
        self._stamp, self._times_taken = _stamp(path), 0
        self._take(read_entries(path))
        self._look_at = trio.current_time() + LOOK_AGAIN

    def __len__(self) -> int:
        return len(self._by_key) + len(self._by_certificate)

    def edition(self) -> tuple[int, date]:
        """As long as this stays the same, nobody who was let in has to be asked again."""
        self._look_again()
        return self._times_taken, self._today()

    def of_key(self, key: str) -> Caller | None:
        """Whose key it is. Takes as long for one that is nearly right as for any other."""
        self._look_again()
        found = _KEY.fullmatch(key)
        entry = self._by_key.get(found[1]) if found else None
        is_it = hmac.compare_digest(_hash(key), entry.hash if entry is not None else _NOBODY)
        return entry.caller if entry is not None and is_it and self._counts(entry) else None

    def of_certificate(self, names: Iterable[str]) -> Caller | None:
        """Who it is that shows a certificate with these names, which TLS has proved."""
        self._look_again()
        for name in names:
            entry = self._by_certificate.get(name)
            if entry is not None and self._counts(entry):
                return entry.caller
        return None

    def _counts(self, entry: Entry) -> bool:
        return entry.until is None or self._today() <= entry.until

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock.now() / 1e9, UTC).date()

    def _take(self, entries: list[Entry]) -> None:
        self._times_taken += 1
        self._by_key: Mapping[str, Entry] = {entry.key_id: entry for entry in entries if entry.key_id}
        self._by_certificate: Mapping[str, Entry] = {
            entry.certificate: entry for entry in entries if entry.certificate
        }

    def _look_again(self) -> None:
        if trio.current_time() < self._look_at:
            return
        self._look_at = trio.current_time() + LOOK_AGAIN
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._take(read_entries(self._path))
            log.info("%s was changed: %d caller(s) are let in", self._path, len(self))
        except BadKeys as error:  # half a file must not shut everybody out
            log.error("the callers stay as they were: %s", error)


def parse_verbs(text: str | None) -> frozenset[str]:
    """None: all. Nothing in it is not all: it may be a script's variable that is not set. Raises BadKeys."""
    if text is None:
        return frozenset()
    verbs = frozenset(text.split(","))
    if unknown := sorted(verbs - VERBS.keys()):
        raise BadKeys(f"`{unknown[0]}` is no verb; there are {', '.join(VERBS)}")
    return verbs


def parse_flows(text: str | None) -> tuple[str, ...]:
    """None: all. As for verbs. Raises BadKeys."""
    if text is None:
        return ()
    flows = tuple(text.split(","))
    for flow in flows:
        if not _FLOW.fullmatch(flow):
            raise BadKeys(f"`{flow[:60]}` is no flow: write a name, or the beginning of names before a `*`")
    return () if "*" in flows else flows


def parse_until(text: str) -> date:
    """Raises BadKeys."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadKeys(f"`{text[:60]}` is no day, such as 2027-03-31") from None


def checked(name: str, verbs: frozenset[str], flows: tuple[str, ...]) -> Caller:
    """The caller of this scope. Raises BadKeys for one that cannot be meant."""
    if not NAME.fullmatch(name):
        raise BadKeys(f"`{name[:60]}` is no name: letters, digits, `_`, `-` and `.`, at most 100")
    if flows:
        verbs = verbs or frozenset(VERBS_OF_FLOWS)
        if beyond := sorted(verbs - set(VERBS_OF_FLOWS)):
            words = f"is about all flows; with flows go {', '.join(VERBS_OF_FLOWS)}"
            raise BadKeys(f"the verb `{beyond[0]}` {words}")
    return Caller(name=name, verbs=verbs, flows=flows)


def _entry(words: list[str], where: str) -> Entry:
    try:
        members = _members(words[1:])
        caller = checked(words[0], parse_verbs(members.get("verbs")), parse_flows(members.get("flows")))
        until = parse_until(members["until"]) if "until" in members else None
        if ("key" in members) is ("certificate" in members):
            raise BadKeys("needs either `key=` or `certificate=`")
        if "certificate" in members:
            return Entry(caller=caller, certificate=members["certificate"], until=until)
        stored = _STORED.fullmatch(members["key"])
        if stored is None:
            raise BadKeys("`key=` is no hash of a key; `leadrelay keys new` makes both")
        return Entry(caller=caller, key_id=stored[1], hash=stored[2], until=until)
    except BadKeys as error:
        raise BadKeys(f"{where}: {error}") from None


def _members(words: list[str]) -> dict[str, str]:
    members: dict[str, str] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not value or name not in _MEMBERS:
            raise BadKeys(f"`{name[:60]}` is none of {', '.join(f'{each}=' for each in _MEMBERS)}")
        members[name] = value
    return members


def _hash(key: str) -> str:
    return sha256(key.encode(errors="replace")).hexdigest()


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0, 0
    return found.st_mtime_ns, found.st_size, found.st_ino
