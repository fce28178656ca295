"""What the runtime asks of the rest of the system. It is handed these and imports none of them."""

import math
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from leadrelay.core.catalog import Catalog
from leadrelay.core.destination import Destination
from leadrelay.core.exchange import Envelope, Reply, Request
from leadrelay.core.facts import Entry
from leadrelay.core.limits.caps import Claim, Holder, Wanted
from leadrelay.core.limits.full import Full
from leadrelay.core.mapping import Mapped
from leadrelay.core.scope import Scope

Due = tuple[int, str]  # when a parked lead is due, ns since the epoch, and its id
NEVER_DUE: Due = (0, "")  # comes before every lead that is due
FIRST: Holder = ("", "")  # comes before every delivery that waits


class Started(Protocol):
    """How an actor says that it is up; trio's own `TaskStatus` satisfies it."""

    def started(self, value: None = None, /) -> None: ...


class Clock(Protocol):
    """The wall clock, for what is written down; waiting is done on trio's own."""

    def now(self) -> int:
        """Nanoseconds since the epoch, UTC."""


class Progress(Protocol):
    """Told by a wire how far a request has come, so that `arrived` and the timeouts are exact."""

    def sending(self) -> None:
        """The connection stands and the first byte is about to leave. Called once per send, and address."""

    def handed_back(self) -> None:
        """Who had the request sent it on untaken: until `sending` is called again, nobody has it."""

    def trying(self, endpoint: str, passed_over: Sequence[str]) -> None:
        """This endpoint of several is tried from here on; those before it certainly do not have the request.

        `passed_over` says of each of them why. The wire itself keeps the time that a connection may take.
        """

    def batched(self, key: str, size: int) -> None:
        """It travels with others. Without a `key`: it waits for them, and only `total` counts; with one: the
        request of so many leads is complete, and a connection is waited for from here on.
        """


class Unwatched:
    """A `Progress` for what carries no lead: nobody asks how far it has come."""

    def sending(self) -> None:
        """See Progress."""

    def handed_back(self) -> None:
        """See Progress."""

    def trying(self, endpoint: str, passed_over: Sequence[str]) -> None:
        """See Progress."""

    def batched(self, key: str, size: int) -> None:
        """See Progress."""


class Wire(Protocol):
    """One connection of one slot. Used by one task at a time."""

    async def send(self, request: Request, progress: Progress) -> Reply:
        """The complete reply.

        Raises NotSent when no byte left, NoAnswer when something did and no readable reply came
        back. After an error or a cancellation the connection is gone and the next send dials anew.
        """

    async def aclose(self) -> None:
        """Close at once; safe to call twice, and on a wire that never dialled."""


class Adapter(Protocol):
    """Speaks one protocol to one destination."""

    async def run(self, task_status: Started) -> None:
        """Do what must outlive a single lead, such as holding a channel open, until cancelled.

        May return at once where there is nothing to do.
        """

    async def ready(self) -> None:
        """Learn what `compose` has to know, such as what a WSDL says; awaited before every one.

        Whatever is learnt once is kept. Raises NotSent when it cannot be learnt now.
        """

    def compose(self, mapped: Mapped, scope: Scope, envelope: Envelope) -> Request:
        """The request for a mapped lead. Raises NotSent when no valid request can be made of it."""

    def open(self) -> Wire:
        """A wire for one more slot; it dials when it first sends."""


class Signer(Protocol):
    """Adds proof of who we are. May wait for a token."""

    async def run(self, task_status: Started) -> None:
        """Do what must outlive a single lead, such as fetching tokens, until cancelled."""

    async def sign(self, request: Request) -> Request:
        """The request with its proof and the names of what must be masked.

        Raises NotSent with code `auth` when the proof cannot be had now.
        """

    def show(self, request: Request) -> Request:
        """As `sign`, with `***` in place of every secret: for previews.

        No secret is read, no token is fetched and nothing waits.
        """

    def renew(self, signed: Request, reply: Reply) -> bool:
        """Whether the reply says that the proof in `signed` has expired and a new one may help.

        The old proof is dropped. The runtime then signs and sends once more, uncounted.
        """


class Subscription(Protocol):
    """A lead's entries in order, with no gap and no repeat."""

    async def next(self) -> Entry:
        """The next durable entry; waits for it."""


class Journal(Protocol):
    """All facts in order. What it returns, or returned from, is durable."""

    async def append(self, entries: Sequence[Entry], within: float = math.inf) -> int:
        """Make entries durable, all or none, and say how many; no cancellation ends the wait for it.

        What is added to `entries` until their recording begins goes along with them, so that the facts of
        one wave need not wait for each other.

        Raises AlreadyReceived when a LeadReceived carries a request id that is taken, JournalError
        when nothing can be written, or when it takes longer than `within` seconds: then the entries may
        get there all the same, all or none, and nothing that is added later.
        """

    def hurry(self) -> None:
        """Somebody is held up by what was appended, or is about to be: it should not wait for company."""

    async def read(self, lead_id: str, after: int = 0) -> list[Entry]:
        """A lead's entries with a number above `after`, in order; empty for a lead it never saw."""

    async def find(self, request_id: str) -> str | None:
        """The lead that a request id belongs to."""

    async def unsettled(self, after: str = "", limit: int = 1000) -> list[str]:
        """Ids of leads that are neither settled nor parked, in order of id, which is order of receipt,
        above `after`."""

    async def due(self, after: Due = NEVER_DUE, limit: int = 1000) -> list[Due]:
        """Leads that were parked and have not settled since, in the order in which they are due,
        beyond `after`. One that was taken up again stays among them until it is parked anew or settles.
        """

    async def waiting(self, cap: str, after: Holder = FIRST, limit: int = 1000) -> list[Holder]:
        """Parked deliveries that wait for a place under a cap, in order of their leads' receipt, beyond
        `after`. Those of a lead that was taken up again stay among them until it is parked anew or settles.
        """

    async def waited_for(self) -> list[str]:
        """The keys of the caps that parked deliveries wait for."""

    def follow(
        self, lead_id: str, after: int = 0, *, fresh: bool = False
    ) -> AbstractAsyncContextManager[Subscription]:
        """A lead's entries above `after`: those recorded before, then those to come.

        `fresh`: the caller knows that there are none before, because it made the lead's id itself.

        A reader who falls behind costs bounded memory: it is served from the store again.
        """


class Caps(Protocol):
    """How full the caps are, exactly, whoever else counts under them (behaviour 7).

    A place that is held becomes sold or free by the facts that are appended afterwards, and by
    nothing else: `AttemptStarted` names the claims, and an outcome of the delivery decides them.
    """

    def full(self, holder: Holder, wanted: Sequence[Wanted]) -> Full | None:
        """Why a delivery could not go now, as far as is known here without asking; None where it could."""

    async def hold(self, holder: Holder, wanted: Sequence[Wanted]) -> tuple[Claim, ...] | Full:
        """Hold a place under each of these caps, or under none and why.

        A delivery that holds places from an attempt whose answer is unknown keeps those.
        """

    def release(self, holder: Holder) -> None:
        """Give back what no fact has told of, and none will."""

    async def freed(self, cap: str) -> None:
        """Wait until a place under a cap has come free; who has waited longest is told first."""

    def stand_in_line(self, caps: Iterable[str]) -> None:
        """Parked deliveries wait for a place under these caps."""

    def look_at(self, caps: Iterable[str]) -> None:
        """There may be a place under these: where there is a line, it is for nobody else until `served`."""

    async def moved(self) -> set[str]:
        """Wait until there may be places for those who stand in line, and say under which caps."""

    def keep(self, holder: Holder, want: Wanted) -> bool:
        """Set a place aside for a delivery that is called up from a line; False where there is none.

        It is nobody else's until the delivery holds places, or `let_go` gives it back.
        """

    def let_go(self, holder: Holder) -> None:
        """A delivery that was called up does not want what was set aside for it."""

    def served(self, cap: str, *, is_over: bool) -> None:
        """All whom there is a place for were called up; `is_over`: nobody stood in that line."""


class Catalogs(Protocol):
    """The catalog in force, and every older one that a lead may still run under."""

    @property
    def current(self) -> Catalog: ...

    async def version(self, number: int) -> Catalog:
        """The catalog as it was under a version. Raises KeyError for one that never was."""

    async def changed(self) -> None:
        """Wait until another one comes into force."""


class Outfitter(Protocol):
    """Makes what an outlet needs to talk to its destination."""

    def adapter(self, destination: Destination) -> Adapter: ...

    def signer(self, destination: Destination) -> Signer: ...
