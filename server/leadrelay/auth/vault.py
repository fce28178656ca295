"""The secrets that the server keeps itself, each in an envelope (behaviour 9).

What is in memory is what is on disk: envelopes. A value is opened when it is asked for and not kept. All
envelopes are under keys that we have, or the vault does not open: a server that started without a key
would fail its leads one by one. A change is durable before it is seen, and takes effect at the next request.
One server writes to a store at a time; a vault does not notice what another process writes.
"""

import logging
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import trio

from leadrelay.auth.envelope import DamagedSecret, rewrap, seal, unseal
from leadrelay.auth.keyring import OPTION, VARIABLE, Key, Keyring
from leadrelay.auth.secrets import MAX_SECRET, NAME, NAME_WORDS, SecretError
from leadrelay.core.ports import Clock
from leadrelay.core.sealed import Sealed

MAX_SECRETS = 10_000
MAX_TOTAL = 64 * 1024 * 1024  # bytes of all values; they are kept in memory too

log = logging.getLogger("leadrelay.auth")


class NoKey(SecretError):
    """Nothing can be stored before a key is set up."""

    def __init__(self) -> None:
        super().__init__(
            "this server has no key to put secrets under: make one with "
            "`leadrelay secrets new-key --out FILE`, keep a copy of it apart from the data folder, and start "
            f"the server with {OPTION} or with the key in {VARIABLE}"
        )


class MissingKey(SecretError):
    """Something is stored under a key that was not given."""

    def __init__(self, secrets: Sequence[Sealed], keyring: Keyring) -> None:
        ids = sorted({sealed.key_id for sealed in secrets})
        needed = f"{'key' if len(ids) == 1 else 'keys'} {', '.join(ids)}"
        given = f"only {', '.join(keyring.ids)} was given" if keyring.ids else "none was given"
        behind = ", behind the current one" if keyring.ids else ""
        super().__init__(
            f"{len(secrets)} stored secret(s) need {needed}, and {given}: give what is missing with {OPTION} "
            f"or in {VARIABLE}{behind}. If it is lost, so are these secrets: "
            f"`leadrelay secrets forget {ids[0]} --data DIR` removes them"
        )


class StoreFull(SecretError):
    """Something has to be deleted first."""


class UnfitSecret(SecretError):
    """This cannot be a secret; `part` is what is wrong with it, `name` or `value`."""

    def __init__(self, part: str, words: str) -> None:
        super().__init__(words)
        self.part = part


class Stored(NamedTuple):
    """All that is ever told of a stored secret."""

    name: str
    updated_at: int


class SealedStore(Protocol):
    """What the vault asks of the journal."""

    async def secrets(self) -> list[Sealed]: ...

    async def put_secret(self, secret: Sealed) -> None: ...

    async def delete_secrets(self, names: Sequence[str]) -> int: ...

    async def rewrap_secrets(self, secrets: Sequence[Sealed]) -> int: ...


async def open_vault(store: SealedStore, keyring: Keyring, clock: Clock) -> "Vault":
    """The vault over a store. Raises MissingKey, and JournalError when it cannot be read."""
    kept = await store.secrets()
    vault = Vault(store, keyring, clock, kept)
    for name in await trio.to_thread.run_sync(vault.damaged):
        log.error("%s", DamagedSecret(name))  # it costs its own destinations and nobody else
    if older := sum(sealed.key_id != keyring.ids[0] for sealed in kept):
        log.info("%d stored secret(s) are under older keys; `leadrelay secrets rotate` ends that", older)
    return vault


class Vault:
    """A Secrets and a Keeper. Made by `open_vault`."""

    def __init__(self, store: SealedStore, keyring: Keyring, clock: Clock, kept: Sequence[Sealed]) -> None:
        self._store, self._keyring, self._clock = store, keyring, clock
        self._sealed: dict[str, Sealed] = {}
        self._editions: dict[str, int] = {}
        self._changes = 0
        self._one_at_a_time = trio.Lock()
        self._check_keys(kept)
        self._take_all(kept)

    def get(self, name: str) -> str:
        """See Secrets."""
        sealed = self._sealed.get(name)
        if sealed is None:
            raise SecretError(f"there is no secret {name} in the store")
        return unseal(sealed, self._key_of(sealed))

    def has(self, name: str) -> bool:
        """See Secrets."""
        return name in self._sealed

    def names(self) -> frozenset[str]:
        """See Secrets."""
        return frozenset(self._sealed)

    def edition(self, name: str) -> int:
        """See Secrets."""
        return self._editions.get(name, 0)

    def stored(self) -> list[Stored]:
        """What there is, in order of name."""
        return [Stored(name, sealed.updated_at) for name, sealed in sorted(self._sealed.items())]

    def damaged(self) -> list[str]:
        """Names of secrets that cannot be opened. It opens every one."""
        return [name for name, sealed in sorted(self._sealed.items()) if not self._opens(sealed)]

    async def put(self, name: str, value: str) -> bool:
        """Store a value; whether the name is new. Raises UnfitSecret, NoKey, StoreFull, JournalError."""
        size = _checked(name, value)
        key = self._current()
        async with self._one_at_a_time:
            before = self._sealed.get(name)
            self._check_room(name, size)
            version = before.version + 1 if before else 1
            sealed = seal(name, value, version=version, at=self._clock.now(), key=key)
            await self._store.put_secret(sealed)
            self._take(sealed)
        return before is None

    async def delete(self, name: str) -> bool:
        """Forget a secret; False: there is none. Raises JournalError."""
        async with self._one_at_a_time:
            if name not in self._sealed:
                return False
            await self._store.delete_secrets([name])
            self._drop(name)
        return True

    async def rotate(self) -> int:
        """Put every data key under the current key, all of them or none; how many there are.

        Reading goes on meanwhile. What is on disk counts, not what we remember: a write that was
        reported as failed may have landed. Raises NoKey, MissingKey, DamagedSecret, JournalError.
        """
        key = self._current()
        async with self._one_at_a_time:
            before = await self._store.secrets()
            self._check_keys(before)
            rewrapped = await trio.to_thread.run_sync(self._rewrapped, before, key)
            count = await self._store.rewrap_secrets(rewrapped)
            self._take_all(rewrapped)
        return count

    def _check_keys(self, secrets: Sequence[Sealed]) -> None:
        missing = [sealed for sealed in secrets if self._keyring.find(sealed.key_id) is None]
        if missing:
            raise MissingKey(missing, self._keyring)

    def _take_all(self, secrets: Sequence[Sealed]) -> None:
        for sealed in secrets:
            self._take(sealed)
        for name in self._sealed.keys() - {sealed.name for sealed in secrets}:
            self._drop(name)

    def _take(self, sealed: Sealed) -> None:
        former = self._sealed.get(sealed.name)
        self._sealed[sealed.name] = sealed
        if former is None or (former.version, former.updated_at) != (sealed.version, sealed.updated_at):
            self._changes += 1
            self._editions[sealed.name] = self._changes

    def _drop(self, name: str) -> None:
        del self._sealed[name], self._editions[name]

    def _current(self) -> Key:
        key = self._keyring.current
        if key is None:
            raise NoKey
        return key

    def _key_of(self, sealed: Sealed) -> Key:
        key = self._keyring.find(sealed.key_id)
        if key is None:  # not since it was opened
            raise MissingKey([sealed], self._keyring)
        return key

    def _opens(self, sealed: Sealed) -> bool:
        try:
            unseal(sealed, self._key_of(sealed))
        except SecretError:
            return False
        return True

    def _rewrapped(self, secrets: Sequence[Sealed], new: Key) -> list[Sealed]:
        return [rewrap(sealed, self._key_of(sealed), new) for sealed in secrets]

    def _check_room(self, name: str, size: int) -> None:
        others = [len(sealed.content) for sealed in self._sealed.values() if sealed.name != name]
        if len(others) >= MAX_SECRETS:
            raise StoreFull(f"the store has {MAX_SECRETS} secrets, which is all it takes; delete some first")
        if sum(others) + size > MAX_TOTAL:
            raise StoreFull(
                f"the store's values reach {MAX_TOTAL} bytes, which is all it takes; delete some first"
            )


def _checked(name: str, value: str) -> int:
    """The value's size in bytes."""
    if not NAME.fullmatch(name):
        raise UnfitSecret("name", NAME_WORDS)
    if not value:
        raise UnfitSecret("value", "is empty; nothing was stored")
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise UnfitSecret("value", "is not text in UTF-8") from None
    if size > MAX_SECRET:
        raise UnfitSecret("value", f"is longer than {MAX_SECRET} bytes")
    return size
