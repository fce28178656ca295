"""What one catalog changes about another, by name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from leadrelay.v1.catalog_service_pb2 import Catalog


@dataclass(frozen=True, slots=True)
class Change:
    kind: Literal["added", "changed", "removed"]
    what: str  # `destination crm`


class _Entry(Protocol):
    @property
    def name(self) -> str: ...

    def SerializeToString(self, *, deterministic: bool = ...) -> bytes: ...  # noqa: N802 - protobuf's name


def diff(old: Catalog, new: Catalog) -> list[Change]:
    """Destinations first, then flows, fields and egress; new and changed ones in order, then removed ones."""
    return [
        *_changes("destination", old.destinations, new.destinations),
        *_changes("flow", old.flows, new.flows),
        *_changes("field", old.fields, new.fields),
        *_of_egress(old, new),
    ]


def _changes(word: str, old: Iterable[_Entry], new: Iterable[_Entry]) -> Iterator[Change]:
    before, after = _by_name(old), _by_name(new)
    for name, body in after.items():
        if name not in before:
            yield Change("added", f"{word} {name}")
        elif before[name] != body:
            yield Change("changed", f"{word} {name}")
    for name in before:
        if name not in after:
            yield Change("removed", f"{word} {name}")


def _of_egress(old: Catalog, new: Catalog) -> Iterator[Change]:
    before, after = dict.fromkeys(old.egress.allow), dict.fromkeys(new.egress.allow)
    yield from (Change("added", f"egress {text}") for text in after if text not in before)
    yield from (Change("removed", f"egress {text}") for text in before if text not in after)


def _by_name(entries: Iterable[_Entry]) -> dict[str, bytes]:
    return {entry.name: entry.SerializeToString(deterministic=True) for entry in entries}
