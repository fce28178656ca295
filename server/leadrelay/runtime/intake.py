"""Takes leads in: from here on a lead is ours, whatever becomes of the caller (behaviour 8).

Couriers live in the intake's nursery and not in the call's: a dropped stream ends the listening.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import trio

from leadrelay.core.catalog import Catalog
from leadrelay.core.errors import AlreadyReceived, JournalError, Undecided
from leadrelay.core.lead import Lead
from leadrelay.core.outcome import Outcome
from leadrelay.core.ports import Catalogs, Journal
from leadrelay.core.standing import Standing, standing
from leadrelay.runtime.courier import Courier, Equipment
from leadrelay.runtime.defects import report
from leadrelay.runtime.record import LeadRecord
from leadrelay.runtime.usher import Usher
from leadrelay.runtime.waker import Waker

MAX_LEADS: Final = 5_000  # under way at once; each costs a few tens of KiB
RESUME_PAGE: Final = 500
PATIENCE: Final = 10.0  # seconds that a caller waits for its lead to be durable


class Refused(Exception):
    """Nothing was accepted; the caller may try again later."""

    def __init__(self, words: str, retry_after: float) -> None:
        super().__init__(words)
        self.retry_after = retry_after  # seconds


class Overloaded(Refused):
    """Too many leads are under way."""


class Draining(Refused):
    """The server is stopping."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Counts since the start; received + resumed + woken = settled + parked + under way."""

    received: int
    resumed: int  # left open by an earlier run
    woken: int  # taken up again from where they were parked
    settled: int
    parked: int
    under_way: int


class Intake:
    """An actor: `run` owns the couriers."""

    def __init__(
        self, *, journal: Journal, catalogs: Catalogs, equipment: Equipment, max_leads: int = MAX_LEADS
    ) -> None:
        self._journal, self._catalogs, self._equipment = journal, catalogs, equipment
        self._max_leads = max_leads
        self._couriers: dict[str, Courier] = {}
        self._received = self._resumed = self._woken = self._settled = self._parked = 0
        self._is_open = True
        self._awake: set[str] = set()  # leads under way that were woken
        self._taking: set[str] = set()  # leads whose facts are being read, to be taken up
        self._has_room = trio.Event()  # set, and replaced, when a courier is done or a lead was read
        self._waker = Waker(journal, equipment.clock, self._wake)
        self._usher = Usher(journal, equipment.outlets.caps, catalogs, equipment.clock, self._call_up)
        self._nursery: trio.Nursery | None = None

    @property
    def ledger(self) -> Ledger:
        return Ledger(
            received=self._received,
            resumed=self._resumed,
            woken=self._woken,
            settled=self._settled,
            parked=self._parked,
            under_way=len(self._couriers),
        )

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Carry leads until cancelled; unsettled ones stay in the journal and are resumed later."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            nursery.start_soon(self._usher.run)
            task_status.started()
            await self._waker.run()

    async def receive(self, lead: Lead, digest: str, catalog: Catalog, *, is_inner: bool = False) -> None:
        """Take a new lead; it is durable on return, and carried from then on.

        One that `is_inner` comes from a lead under way, which cannot be done without it. It is taken also
        when the intake is full or draining: there are no more of them than the outlets have slots.

        Raises Overloaded or Draining before anything is written, AlreadyReceived when its request
        id is taken, JournalError when it cannot be written. Raises Undecided when the journal takes
        too long: the lead is carried if it reaches the disk after all.
        """
        if self._nursery is None or not (self._is_open or is_inner):
            raise Draining("the server is stopping", retry_after=1)
        if len(self._couriers) >= self._max_leads and not is_inner:
            raise Overloaded(f"{self._max_leads} leads are under way", retry_after=1)
        courier = self._courier(Standing(lead=lead, digest=digest), catalog)
        courier.receive(digest)
        refusal: list[Exception] = []
        self._received += 1
        self._nursery.start_soon(self._carry_new, courier, refusal)
        with trio.move_on_after(PATIENCE):
            await courier.is_durable.wait()
        if not courier.is_durable.is_set():
            raise Undecided(f"the journal takes longer than {PATIENCE:g} s")
        if refusal:
            raise refusal[0]

    async def cancel(self, lead_id: str, reason: str) -> bool:
        """Send nothing more of a lead, also one that is parked; False where it has settled, or is unknown.

        Raises JournalError where a lead that is not under way cannot be read.
        """
        courier = await self._courier_of(lead_id)
        if courier is not None:
            courier.cancel(reason)
        return courier is not None

    async def resolve(self, lead_id: str, delivery: str, outcome: Outcome) -> None:
        """Say what became of an unresolved delivery, also of a lead that settled long ago; durable on return.

        Raises LookupError for an unknown lead, UnknownDelivery and NotUnresolved where there is nothing to
        resolve, Draining, and JournalError where the lead cannot be read.
        """
        if not self._is_open:
            raise Draining("the server is stopping", retry_after=1)
        courier = await self._courier_of(lead_id, settled_too=True)
        if courier is None:
            raise LookupError(lead_id)
        courier.resolve(delivery, outcome)
        await courier.written()

    def cancel_soon(self, lead_id: str, reason: str) -> None:
        """The same, for who cannot wait; at once where the lead is under way."""
        courier = self._couriers.get(lead_id)
        if courier is not None and not courier.is_leaving:
            courier.cancel(reason)
        elif self._nursery is not None:
            self._nursery.start_soon(self._cancel_if_readable, lead_id, reason)

    async def written(self, lead_id: str) -> None:
        """Return once all that has happened to a lead under way, such as its `cancel`, is durable."""
        courier = self._couriers.get(lead_id)
        if courier is not None:
            await courier.written()

    async def take_up(self, lead_id: str) -> None:
        """Carry a lead of an earlier run now, whatever room there is: one under way waits for it.

        Does nothing where it is under way or has settled. Raises JournalError where it cannot be read.
        """
        await self._courier_of(lead_id)

    async def resume(self) -> int:
        """Take up every unsettled lead of an earlier run, as many at once as the intake holds.

        Raises JournalError where leads cannot be read; all others are under way by then, and another
        call takes up what was left.
        """
        after, count, unread = "", 0, list[JournalError]()
        while True:
            page = await self._journal.unsettled(after=after, limit=RESUME_PAGE)
            for lead_id in page:
                await self._wait_for_room()
                if not self._is_open:
                    return count
                if self._is_free(lead_id):
                    try:
                        if await self._take_up(lead_id) is not None:
                            count += 1
                            self._resumed += 1
                    except JournalError as error:  # one lead's damage must not hold up all others
                        unread.append(error)
            # Leads that are received meanwhile come last and are under way: there is always another page.
            if len(page) < RESUME_PAGE:
                break
            after = page[-1]
        if unread:
            raise JournalError(f"{len(unread)} lead(s) cannot be read, the first because {unread[0]}")
        return count

    def close(self) -> None:
        """Take nothing more."""
        self._is_open = False

    async def drain(self, grace: float) -> None:
        """Take nothing more and give the couriers `grace` seconds to finish."""
        self.close()
        with trio.move_on_after(grace):
            while self._couriers:
                await self._has_room.wait()

    def _courier(self, state: Standing, catalog: Catalog) -> Courier:
        record = LeadRecord(self._journal, self._equipment.clock, state.lead.id, state.last_number)
        courier = Courier(standing=state, catalog=catalog, record=record, equipment=self._equipment)
        self._couriers[state.lead.id] = courier
        return courier

    async def _take_up(self, lead_id: str, *, settled_too: bool = False) -> Courier | None:
        """Go on with a lead where its facts end. One that cannot be read is reported and stays.

        A settled one goes on only where something is said of it before its courier comes to run.
        """
        if self._nursery is None:
            raise RuntimeError("Intake.run must be started before leads are resumed")
        self._taking.add(lead_id)
        try:
            state = standing(await self._journal.read(lead_id))
            if state is None or (state.settled is not None and not settled_too):  # done by now
                return None
            catalog = await self._catalogs.version(state.lead.catalog_version)
            courier = self._courier(state, catalog)
        except (LookupError, ValueError) as error:
            report(f"lead {lead_id} cannot be resumed", error)
            return None
        finally:
            self._taking.remove(lead_id)
            self._tell_of_change()
        self._nursery.start_soon(self._carry, courier)
        return courier

    async def _wake(self, lead_id: str) -> None:
        """Take up a parked lead that is due. New leads keep half of the room, however many are."""
        while self._is_open and self._is_crowded:
            await self._has_room.wait()
        if self._is_open and self._is_free(lead_id) and await self._take_up(lead_id) is not None:
            self._woken += 1
            self._awake.add(lead_id)

    async def _call_up(self, lead_id: str, delivery: str, cap: str) -> bool:
        """Let a delivery that waits for a place under a cap have it; False where it does not any more.

        Its lead is taken up where it rests, for which there has to be room as for one that is due.
        """
        while self._is_crowded and lead_id not in self._couriers:
            await self._has_room.wait()
        if not self._is_open:
            await trio.sleep_forever()
        courier = await self._courier_of(lead_id)
        if courier is None or not courier.call_up(delivery, cap):
            return False
        self._awake.add(lead_id)
        return True

    async def _courier_of(self, lead_id: str, *, settled_too: bool = False) -> Courier | None:
        """The courier of a lead, which is taken up where it rests; None where nothing of it is open."""
        while True:
            courier = self._couriers.get(lead_id)
            if courier is not None and not courier.is_leaving:
                return courier
            if not self._is_free(lead_id):  # on its way out, or in
                await self._has_room.wait()
            elif (courier := await self._take_up(lead_id, settled_too=settled_too)) is not None:
                self._woken += 1
                return courier
            elif self._is_free(lead_id):
                return None

    async def _cancel_if_readable(self, lead_id: str, reason: str) -> None:
        try:
            await self.cancel(lead_id, reason)
        except JournalError as error:
            report(f"lead {lead_id} cannot be cancelled", error)

    @property
    def _is_crowded(self) -> bool:
        return len(self._couriers) >= self._max_leads or 2 * len(self._awake) >= self._max_leads

    def _is_free(self, lead_id: str) -> bool:
        """Nobody carries a lead or is about to."""
        return lead_id not in self._couriers and lead_id not in self._taking

    def _tell_of_change(self) -> None:
        self._has_room.set()
        self._has_room = trio.Event()

    async def _carry_new(self, courier: Courier, refusal: list[Exception]) -> None:
        """Carry a lead whose caller waits to hear that it is durable."""
        error = await self._carry(courier)
        if error is not None and not courier.is_durable.is_set():
            self._received -= 1
            refusal.append(error)
            courier.is_durable.set()

    async def _carry(self, courier: Courier) -> Exception | None:
        """Carry until the lead has settled; what kept it from that, where something did."""
        failures: list[Exception] = []
        try:
            await courier.run()
            if courier.rests_until is None:
                self._settled += 1
            else:
                self._parked += 1
                self._waker.parked(courier.rests_until)
        except* (AlreadyReceived, JournalError) as group:
            failures = list(_leaves(group))
        except* Exception as group:  # a defect of ours: this lead stays unsettled, all others go on
            failures = list(_leaves(group))
            for error in failures:
                report(f"lead {courier.lead_id}", error)
        finally:
            del self._couriers[courier.lead_id]
            self._awake.discard(courier.lead_id)
            self._usher.left(courier.lead_id, {} if courier.rests_until is None else courier.waits)
            self._tell_of_change()
        return failures[0] if failures else None

    async def _wait_for_room(self) -> None:
        while len(self._couriers) >= self._max_leads:
            await self._has_room.wait()


def _leaves(group: BaseExceptionGroup[Exception]) -> Iterator[Exception]:
    """The exceptions themselves, however deep the nurseries wrapped them."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
