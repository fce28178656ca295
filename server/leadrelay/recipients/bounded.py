"""A memory with an end: the oldest entry goes when a new one would be too many."""

from collections.abc import Iterator
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Bounded(Generic[K, V]):
    """At most `size` entries, in the order in which they were first put."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: dict[K, V] = {}
        self.forgotten = 0  # how many had to go; 0 means that nothing is missing

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def get(self, key: K) -> V | None:
        return self._entries.get(key)

    def put(self, key: K, value: V) -> None:
        if key not in self._entries and len(self._entries) >= self._size:
            del self._entries[next(iter(self._entries))]
            self.forgotten += 1
        self._entries[key] = value

    def items(self) -> Iterator[tuple[K, V]]:
        return iter(self._entries.items())
