"""All secrets there are: the server's own store, then the folder, then the environment (behaviour 2, 9).

The store comes first because a secret is put there on purpose, by name, while the server runs. A name that
lies in more than one place is told, so that nobody changes a value that is not the one in use.
"""

from collections.abc import Iterator

from leadrelay.auth.secrets import FolderAndEnvironment, check_name
from leadrelay.auth.vault import Vault


class StoreFirst:
    """A Secrets over all of them, and the collection of their names: for what is misspelt, the nearest."""

    def __init__(self, store: Vault, outside: FolderAndEnvironment) -> None:
        self.store, self.outside = store, outside

    def get(self, name: str) -> str:
        """See Secrets."""
        check_name(name)
        return self.store.get(name) if self.store.has(name) else self.outside.get(name)

    def has(self, name: str) -> bool:
        """See Secrets."""
        return self.store.has(name) or self.outside.has(name)

    def names(self) -> frozenset[str]:
        """See Secrets."""
        return self.store.names() | self.outside.names()

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.has(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        return len(self.names())

    def edition(self, name: str) -> int:
        """See Secrets."""
        return self.store.edition(name) or self.outside.edition(name)

    def overlap(self, name: str) -> str:
        """What to warn of when a secret lies in several places; empty when it does not."""
        places = ["the server's store"] if self.store.has(name) else []
        places += self.outside.places(name)
        if len(places) < 2:
            return ""
        used, *unused = places
        return (
            f"the secret {name} is in {used}, which is used, and also in {' and '.join(unused)}: remove that"
        )

    def overlaps(self) -> list[str]:
        """The same for all secrets."""
        found = (self.overlap(name) for name in sorted(self.names()))
        return [words for words in found if words]
