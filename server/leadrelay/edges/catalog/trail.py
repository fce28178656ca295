"""How a walk through a document came to where it is, as a path and in words that people recognise."""

from dataclasses import dataclass

from google.protobuf.descriptor import Descriptor

from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.nodes import Node, Scalar, Table
from leadrelay.edges.catalog.problems import named


@dataclass(frozen=True, slots=True)
class Trail:
    """How the walk came to where it is."""

    path: Path
    shown: str
    descriptor: Descriptor
    above: Descriptor | None = None

    def key(self, name: str, descriptor: Descriptor | None = None) -> "Trail":
        """Down to a key; with a descriptor, the value is a message of its own."""
        path, shown = (*self.path, name), f"{self.shown}.{name}" if self.shown else name
        if descriptor is None:
            return Trail(path, shown, self.descriptor, self.above)
        return Trail(path, shown, descriptor, self.descriptor)

    def entry(self, index: int, label: str | int) -> "Trail":
        """Down to an entry of a list, by its index in the merged catalog and by what it is called."""
        return Trail((*self.path, index), f"{self.shown}[{label}]", self.descriptor, self.above)


def label(node: Node, position: int) -> str | int:
    """What an entry is called by people: its name, or the path that a mapping rule writes."""
    entries = node.entries if isinstance(node, Table) else {}
    is_time = entries.keys() & {"from", "days", "date"}  # `to` then is when hours end
    for key in ("name",) if is_time else ("name", "to"):
        _, name = entries.get(key, (None, None))
        if isinstance(name, Scalar) and isinstance(name.value, str) and name.value:
            return named(name.value)[1:-1]
    return position
