"""Several leads in one request, of which each is composed alone as a list of one (behaviour 4.6).

A list of one has what all lists have in common, a beginning and an end, round its one item. So a batch is put
together without looking into its leads, and none of them can spoil it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from leadrelay.core.exchange import Request
from leadrelay.core.reading.paths import Path

MAX_BYTES = 4 * 1024 * 1024  # of one request's body; leads beyond go in another one


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What stands before, between and after the items of a body."""

    before: bytes = b""
    between: bytes = b""
    after: bytes = b""

    def of(self, items: Sequence[bytes]) -> bytes:
        return self.before + self.between.join(items) + self.after

    def item(self, body: bytes) -> bytes:
        """The one item of a list of one."""
        return body[len(self.before) : len(body) - len(self.after)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """How a destination takes several leads at once."""

    most: int
    linger: float  # seconds that the first lead waits for others
    listing: Listing
    key: str = ""  # the payload's path to what tells its reply; empty: replies are in the order of the leads
    replies: Path | None = None  # where the list stands in the reply; None: it is the whole reply
    reply_key: Path | None = None  # within an item of it; None: replies are members, named by the keys
    reply_status: Path | None = None  # within an item: what stands for the HTTP status


def batch_key(members: Sequence[Request]) -> str:
    """Names one batch: the same for the same leads, whatever their order."""
    keys = "\n".join(sorted(member.idempotency_key for member in members))
    return f"batch-{sha256(keys.encode()).hexdigest()[:32]}"


def merged(members: Sequence[Request], listing: Listing) -> Request:
    """One request for all of them. What is not of the body is alike, but for the first one's trace."""
    first, key = members[0], batch_key(members)
    return replace(
        first,
        headers=tuple([_renamed(name, value, first.idempotency_key, key) for name, value in first.headers]),
        body=listing.of([listing.item(member.body) for member in members]),
        recorded_body=None,
        secrets=(),
        idempotency_key=key,
        item_key="",
    )


def in_requests(members: Sequence[Request]) -> list[int]:
    """How many of the members go in each request: as many as it holds, and of one key only the first."""
    counts, keys, size = [0], set[str](), 0
    for member in members:
        is_full = bool(counts[-1]) and size + len(member.body) > MAX_BYTES
        if is_full or (member.item_key and member.item_key in keys):
            counts.append(0)
            keys, size = set(), 0
        counts[-1] += 1
        size += len(member.body)
        keys.add(member.item_key)
    return counts


def _renamed(name: str, value: str, old: str, new: str) -> tuple[str, str]:
    return (name, new) if name.lower() == "idempotency-key" and value == old else (name, value)
