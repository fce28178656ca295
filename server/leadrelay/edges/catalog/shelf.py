"""The catalog in force and every older one that a lead still runs under (behaviour 2).

Versions live in the journal as serialized messages. A lead keeps the version it was accepted under,
also across a restart, so an old one is compiled again when a resumed lead asks for it.
"""

import logging
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import trio
from google.protobuf.json_format import MessageToJson

from leadrelay.core.catalog import Catalog
from leadrelay.core.egress import Rule
from leadrelay.core.ports import Clock
from leadrelay.edges.catalog.load import Change, Loaded, SourceFile, diff, from_bytes, load
from leadrelay.edges.catalog.problems import CatalogRefused, Problem
from leadrelay.v1 import catalog_service_pb2

log = logging.getLogger("leadrelay.catalog")

KEPT: Final = 16  # compiled versions in memory; older ones are compiled anew when asked for


class Note(Protocol):
    """One line of the list of catalogs."""

    @property
    def version(self) -> int: ...

    @property
    def at(self) -> int: ...


class CatalogStore(Protocol):
    """What the shelf asks of the journal."""

    async def save_catalog(self, body: bytes, at: int) -> int: ...

    async def catalog(self, version: int) -> bytes | None: ...

    async def latest_catalog(self) -> tuple[int, bytes] | None: ...

    async def catalogs(self) -> Sequence[Note]: ...


@dataclass(frozen=True, slots=True)
class Applied:
    """What an apply came to, or with a dry run would have come to."""

    version: int
    changes: tuple[Change, ...]
    warnings: tuple[Problem, ...]


class UnknownEntries(Exception):
    """The catalog in force has no such entries."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(", ".join(missing))


def _without(entries: Any, names: Sequence[str]) -> list[str]:
    """Remove entries by name; the names that none has."""
    wanted = set(names)
    there = {entry.name for entry in entries}
    kept = [entry for entry in entries if entry.name not in wanted]
    del entries[:]
    entries.extend(kept)
    return sorted(wanted - there)


class Shelf:
    """A core.ports.Catalogs over a store."""

    def __init__(
        self,
        store: CatalogStore,
        secrets: Collection[str],
        clock: Clock,
        egress: Sequence[Rule] = (),
    ) -> None:
        """`secrets` are the names that exist; `egress` is what the operator opens, whatever the catalog."""
        self._store, self._secrets, self._clock, self._egress = store, secrets, clock, egress
        self._message = catalog_service_pb2.Catalog()
        self._current = Catalog(version=0)
        self._changed = trio.Event()
        self._kept: OrderedDict[int, Catalog] = OrderedDict()
        self._unreadable: set[int] = set()
        self._one_at_a_time, self._one_reader = trio.Lock(), trio.Lock()

    @property
    def current(self) -> Catalog:
        return self._current

    @property
    def message(self) -> catalog_service_pb2.Catalog:
        """The catalog in force as it was applied."""
        return self._message

    def at_rest(self) -> trio.Lock:
        """No catalog comes into force inside `async with shelf.at_rest()`."""
        return self._one_at_a_time

    async def open(self) -> None:
        """Take up the newest version, where there is one."""
        latest = await self._store.latest_catalog()
        if latest is not None:
            version, body = latest
            self._take(from_bytes(body, version, self._egress), catalog_service_pb2.Catalog.FromString(body))

    async def version(self, number: int) -> Catalog:
        """As core.ports.Catalogs has it; ValueError where this leadrelay cannot read it any more."""
        if number not in self._kept:
            async with self._one_reader:  # leads of one version come together after a restart
                if number not in self._kept:
                    self._keep(await self._recorded(number))
        self._kept.move_to_end(number)
        return self._kept[number]

    async def changed(self) -> None:
        await self._changed.wait()

    async def _recorded(self, number: int) -> Catalog:
        if number in self._unreadable:
            raise ValueError(f"the catalog of version {number} cannot be read")
        body = await self._store.catalog(number)
        if body is None:
            raise KeyError(f"the journal has no catalog of version {number}")
        try:
            return await trio.to_thread.run_sync(from_bytes, body, number, self._egress)
        except CatalogRefused as error:
            self._unreadable.add(number)
            log.error("catalog %d cannot be read, its leads wait for a version that can: %s", number, error)
            raise ValueError(f"the catalog of version {number} cannot be read") from error

    async def applied_at(self, number: int) -> int | None:
        """When a version was applied, in ns since the epoch; None for one that never was."""
        return next((note.at for note in await self._store.catalogs() if note.version == number), None)

    async def message_of(self, number: int) -> catalog_service_pb2.Catalog | None:
        """The catalog of a version as it was applied; None for one that never was."""
        body = await self._store.catalog(number)
        return None if body is None else catalog_service_pb2.Catalog.FromString(body)

    async def apply(self, files: Sequence[SourceFile], *, dry_run: bool = False) -> Applied:
        """Replace the catalog, or change nothing: raises CatalogRefused with every problem.

        A catalog that is the same as the one in force makes no new version.
        """
        async with self._one_at_a_time:
            loaded = await trio.to_thread.run_sync(self._load, files)
            changes = tuple(diff(self._message, loaded.message))
            if not dry_run and (changes or not self._current.version):
                await self._put(loaded)
            return Applied(self._current.version, changes, tuple(loaded.warnings))

    async def delete(self, destinations: Sequence[str], flows: Sequence[str]) -> int:
        """Take entries of the catalog in force out; the version without them.

        Raises UnknownEntries, and CatalogRefused where something that stays refers to them.
        """
        async with self._one_at_a_time:
            message = catalog_service_pb2.Catalog()
            message.CopyFrom(self._message)
            missing = [
                *(f"destination {name}" for name in _without(message.destinations, destinations)),
                *(f"flow {name}" for name in _without(message.flows, flows)),
            ]
            if missing:
                raise UnknownEntries(missing)
            left = SourceFile("what would be left", MessageToJson(message, preserving_proto_field_name=True))
            await self._put(await trio.to_thread.run_sync(self._load, [left]))
            return self._current.version

    async def versions(self, before: int, limit: int) -> list[tuple[Note, catalog_service_pb2.Catalog]]:
        """Catalogs that were applied, the newest first, from below a version (0: from the newest)."""
        notes = [note for note in await self._store.catalogs() if not before or note.version < before]
        page = notes[::-1][:limit]
        return [(note, await self.message_of(note.version) or catalog_service_pb2.Catalog()) for note in page]

    def _load(self, files: Sequence[SourceFile]) -> Loaded:
        return load(files, secret_names=self._secrets, egress=self._egress)

    async def _put(self, loaded: Loaded) -> None:
        body = loaded.message.SerializeToString(deterministic=True)
        version = await self._store.save_catalog(body, self._clock.now())
        self._take(replace(loaded.catalog, version=version), loaded.message)

    def _take(self, catalog: Catalog, message: catalog_service_pb2.Catalog) -> None:
        self._current, self._message = catalog, message
        self._changed.set()
        self._changed = trio.Event()
        self._keep(catalog)

    def _keep(self, catalog: Catalog) -> None:
        self._kept[catalog.version] = catalog
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
