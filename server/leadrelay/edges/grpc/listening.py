"""One caller who listens to one lead: every event as it becomes durable, until the lead has settled.

The caller's going ends the listening alone, unless it asked by `on_disconnect` that what has not been
sent is cancelled (behaviour 8). A stop of our own is no going of the caller's.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

import trio

from leadrelay.core.errors import JournalError
from leadrelay.core.facts import LeadSettled
from leadrelay.core.ports import Subscription
from leadrelay.edges.grpc import convert, errors
from leadrelay.edges.grpc.bridge import Call
from leadrelay.edges.grpc.bridge.call import SAME_MOMENT
from leadrelay.v1 import delivery_service_pb2 as pb
from leadrelay.v1 import event_pb2

Tell = Callable[[event_pb2.Event], Awaitable[None]]
Cancel = Callable[[str, str], object]  # a lead's id, and why


EARLY: Final = ("leadrelay-answered", "early")  # how a caller knows that the lead goes on


class Listener:
    """The caller of one DeliverRequest."""

    def __init__(self, request: pb.DeliverRequest, call: Call, tell: Tell, cancel: Cancel) -> None:
        self._call, self._tell, self._cancel = call, tell, cancel
        self._goes_with_caller = request.on_disconnect == pb.ON_DISCONNECT_CANCEL
        self._full = request.detail == pb.DETAIL_FULL

    @contextmanager
    def bound_to(self, lead_id: str) -> Iterator[None]:
        """A block in which the caller's going cancels the lead, where it asked for that."""
        try:
            yield
        except trio.Cancelled:
            if self._goes_with_caller and is_gone(self._call):
                self._cancel(lead_id, "the caller went away")
            raise

    async def listen(
        self, lead_id: str, news: Subscription, patience: float | None, *, known: int = 0
    ) -> None:
        """Tell the caller everything, for `patience` seconds where the flow says so."""
        if patience is None:
            await tell_all(lead_id, news, self._tell, full=self._full, known=known)
            return
        with trio.move_on_after(patience) as patient:
            await tell_all(lead_id, news, self._tell, full=self._full, known=known)
        if patient.cancelled_caught:
            self._call.set_trailing_metadata(EARLY)


async def tell_all(lead_id: str, news: Subscription, tell: Tell, *, full: bool, known: int = 0) -> None:
    """Every entry until the lead has settled. Aborts with UNAVAILABLE when the journal cannot be read.

    `known` is the number of the last entry that is there by now: a lead that was resolved since it settled
    is told to its present end.
    """
    last = 0
    while True:
        try:
            entry = await news.next()
        except JournalError as error:
            seen = f", after event {last}" if last else ""
            raise errors.journal_failed(error, f"lead {lead_id} goes on; watch it{seen}") from error
        await tell(convert.event(entry, full=full))
        last = entry.number
        if isinstance(entry.fact, LeadSettled) and last >= known:
            return


def is_gone(call: Call) -> bool:
    """Whether a call was cancelled by its caller, who hangs up a moment before its deadline passes here."""
    left = call.time_remaining()
    return call.cancelled_by_peer or (left is not None and left <= SAME_MOMENT)
