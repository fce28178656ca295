"""What the journal asks of a database: plain, synchronous, and free of what the facts mean.

A store is called from worker threads: what writes (`commit`, `move_cursor`, `save_catalog` and the
three that change secrets) by one thread at a time, everything else by several at once and never
waiting for a commit. What a call returned, or returned from, is durable. Trouble with the database
itself is a JournalError whose text says what to do; a store stays usable after one, so that the next
batch can try anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, Protocol

from leadrelay.core.errors import AlreadyReceived, JournalError
from leadrelay.core.limits.caps import Claim, Count
from leadrelay.core.sealed import Sealed


class Row(NamedTuple):
    """A fact as it is kept."""

    lead: bytes  # 16
    number: int
    at: int
    kind: str
    body: bytes  # JSON


class Receipt(NamedTuple):
    """A lead appears in the list of leads."""

    lead: bytes
    request_id: str  # empty: none, and then never taken
    digest: str
    flow: str
    catalog_version: int
    received_at: int
    source: str = ""
    again_of: bytes | None = None  # the lead that it repeats


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFilter:
    """Which leads; everything that is set must hold."""

    leads: tuple[bytes, ...] = ()
    flow: str = ""
    source: str = ""
    result: str = ""
    destination: str = ""  # this and the outcome: of one delivery
    outcome: str = ""
    is_open: bool = False  # has not settled
    since: int | None = None  # received then or later, ns since the epoch
    until: int | None = None  # received before


class Sums(NamedTuple):
    """Deliveries that ended alike: how many there are, and their price."""

    key: str  # the destination, flow or source
    outcome: str
    code: str  # empty: none
    arrived: str
    price: str  # empty: none; a success has one where its recipient named it
    currency: str
    number: int


class Times(NamedTuple):
    """How long answers took, ns; the percentiles are times that occurred."""

    key: str
    attempts: int
    answered: int
    average: float
    p50: int
    p95: int
    p99: int


class Turn(NamedTuple):
    """A lead settles, or is parked; it may do both again. Without either it is open."""

    lead: bytes
    settled_at: int | None = None
    result: str | None = None
    due_at: int | None = None  # parked until then
    waits: Sequence[tuple[str, str]] = ()  # its deliveries that wait for a place under a cap, and which


class Place(NamedTuple):
    """A delivery holds a place under a cap."""

    lead: bytes
    delivery: str
    claim: Claim


class Sale(NamedTuple):
    """A place is sold: it counts in its period. Without such a place nothing changes."""

    lead: bytes
    delivery: str
    cap: str
    cost: Decimal


class Release(NamedTuple):
    """A delivery holds no place any more."""

    lead: bytes
    delivery: str


PlaceChange = Place | Sale | Release


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one caller hands over at once: recorded whole or refused whole."""

    rows: Sequence[Row]
    receipts: Sequence[Receipt] = ()
    turns: Sequence[Turn] = ()
    pools: Sequence[str] = ()  # what the first row draws from, a number of each
    places: Sequence[PlaceChange] = ()


@dataclass(frozen=True, slots=True)
class Committed:
    """How a batch went: whatever is not refused is durable."""

    last: int  # the highest place among all facts
    drawn: Mapping[int, Row]  # the first rows of parcels that drew, with their numbers, by index
    refused: Mapping[int, AlreadyReceived | JournalError]  # by the parcel's index in the batch


@dataclass(frozen=True, slots=True)
class CatalogNote:
    """One line of the list of catalogs."""

    version: int
    at: int
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Counts:
    leads: int
    settled: int
    facts: int


class Store(Protocol):
    """One database with the journal in it."""

    def commit(self, batch: Sequence[Parcel]) -> Committed:
        """Record parcels in their order, in one commit.

        A parcel that draws gets the next number of each of its pools, from 1; one that is refused takes
        none, so that what is recorded has every number once.

        Refused, without harm to the rest of the batch: with AlreadyReceived a parcel with a request
        id that an earlier lead has; with JournalError one with a row that does not follow its
        lead's last recorded one, which covers all later rows of a lead that was refused.
        Raises JournalError when nothing of the batch could be recorded.
        """

    def read(self, lead: bytes, after: int, limit: int) -> list[Row]:
        """A lead's rows with a number above `after`, in order."""

    def since(self, seq: int, limit: int) -> list[tuple[int, Row]]:
        """All leads' rows above a place, in order. No row ever appears below one that was returned."""

    def last(self) -> int:
        """The highest place among all facts; 0 when there is none."""

    def find(self, request_id: str) -> bytes | None:
        """The lead that a request id belongs to."""

    def unsettled(self, after: bytes, limit: int) -> list[bytes]:
        """Leads that are open, in order of id, above `after` (empty: from the first)."""

    def due(self, after: tuple[int, bytes], limit: int) -> list[tuple[int, bytes]]:
        """Leads that are parked, with their moments, in the order in which they are due, beyond `after`."""

    def waiting(self, cap: str, after: tuple[bytes, str], limit: int) -> list[tuple[bytes, str]]:
        """Parked deliveries that wait for a place under a cap, by lead, beyond `after`."""

    def waited_for(self) -> list[str]:
        """The caps that parked deliveries wait for."""

    def advance(self, limit: int) -> bool:
        """Take up to so many facts more into the books; whether there are any left.

        The books are what `matching`, `sums`, `times`, `leads_by` and `family` look into, besides the list
        of leads.
        """

    def matching(self, wanted: LeadFilter, after: bytes, limit: int, *, newest_first: bool) -> list[bytes]:
        """Leads in order of id, beyond `after` (empty: from the first)."""

    def family(self, lead: bytes) -> list[tuple[bytes, str | None]]:
        """A lead with all that it repeats and that repeat it, however often; each with its result."""

    def flow_of(self, lead: bytes) -> str | None:
        """The flow that a lead takes."""

    def sums(self, by: str, since: int, until: int) -> list[Sums]:
        """Deliveries that ended within a window, summed up `by` destination, flow or source; no pings."""

    def leads_by(self, by: str, since: int, until: int) -> dict[str, int]:
        """How many leads had a delivery that ended within a window."""

    def times(self, by: str, since: int, until: int) -> list[Times]:
        """Attempts that ended within a window."""

    def counts(self) -> Counts:
        """How much there is."""

    def cursor(self, name: str) -> int:
        """How far a reader has come; 0 for one that was never moved."""

    def move_cursor(self, name: str, seq: int) -> None:
        """Remember how far a reader has come."""

    def save_catalog(self, body: bytes, at: int) -> int:
        """Keep a catalog under the next version, from 1."""

    def catalog(self, version: int) -> bytes | None:
        """The catalog of a version."""

    def latest_catalog(self) -> tuple[int, bytes] | None:
        """The newest version and its catalog."""

    def catalogs(self) -> list[CatalogNote]:
        """All versions, oldest first."""

    def secrets(self) -> list[Sealed]:
        """All secrets as they are kept, in order of name."""

    def put_secret(self, secret: Sealed) -> None:
        """Keep a secret; what was kept under its name is gone, also from the files in the long run."""

    def delete_secrets(self, names: Sequence[str]) -> int:
        """Forget secrets, all in one commit; how many of them there were."""

    def rewrap_secrets(self, secrets: Sequence[Sealed]) -> int:
        """Take over the key id and the data key of each, all in one commit; how many there were.

        One that was put anew or deleted since it was read is left as it is.
        """

    def places(self) -> list[Place]:
        """All places that are held."""

    def sold(self) -> list[tuple[Claim, Count]]:
        """What was sold under each cap in its latest period."""

    def close(self) -> None:
        """Let go of the database. No other call is under way or follows."""
