"""DeliveryService: leads in, events out (behaviour 8).

A call listens; the lead belongs to the runtime. So nothing here waits for a recipient, and whatever
ends a call ends the listening alone, unless the caller asked otherwise by `on_disconnect`.
"""

from collections.abc import Awaitable, Callable
from functools import partial

import trio

from leadrelay.core.errors import AlreadyReceived, JournalError
from leadrelay.core.facts import LeadSettled
from leadrelay.core.ports import Catalogs, Clock, Journal, Subscription
from leadrelay.core.standing import Standing, standing
from leadrelay.edges.grpc import convert, errors
from leadrelay.edges.grpc.bridge import (
    Abort,
    Call,
    Method,
    Requests,
    stream_stream,
    unary_stream,
    unary_unary,
)
from leadrelay.edges.grpc.submission import digest, read_lead
from leadrelay.runtime.clock import new_lead_id
from leadrelay.runtime.intake import Draining, Intake, Overloaded
from leadrelay.v1 import delivery_service_pb2 as pb
from leadrelay.v1 import event_pb2

SERVICE = "leadrelay.v1.DeliveryService"
MANY_AT_ONCE = 256  # leads under way on one DeliverMany stream; the next is read when one is done

Tell = Callable[[event_pb2.Event], Awaitable[None]]


class DeliveryEdge:
    """The servicer; `methods` is what the bridge serves."""

    def __init__(self, *, journal: Journal, catalogs: Catalogs, intake: Intake, clock: Clock) -> None:
        self._journal, self._catalogs, self._intake, self._clock = journal, catalogs, intake, clock

    def methods(self) -> dict[str, Method]:
        return {
            f"/{SERVICE}/Deliver": unary_stream(self.deliver, pb.DeliverRequest),
            f"/{SERVICE}/DeliverMany": stream_stream(self.deliver_many, pb.DeliverManyRequest),
            f"/{SERVICE}/Watch": unary_stream(self.watch, pb.WatchRequest),
            f"/{SERVICE}/GetDelivery": unary_unary(self.get_delivery, pb.GetDeliveryRequest),
            f"/{SERVICE}/Cancel": unary_unary(self.cancel, pb.CancelRequest),
        }

    async def deliver(self, request: pb.DeliverRequest, call: Call) -> None:
        async def tell(event: event_pb2.Event) -> None:
            await call.send(pb.DeliverResponse(event=event))

        await self._deliver(request, call, tell)

    async def deliver_many(self, requests: Requests[pb.DeliverManyRequest], call: Call) -> None:
        room = trio.Semaphore(MANY_AT_ONCE)
        async with trio.open_nursery() as nursery:
            async for request in requests:
                await room.acquire()
                nursery.start_soon(self._one_of_many, request, call, room)

    async def watch(self, request: pb.WatchRequest, call: Call) -> None:
        state = await self._standing(request.lead_id)
        if state.settled is not None and request.after >= state.last_number:
            return

        async def tell(event: event_pb2.Event) -> None:
            await call.send(pb.WatchResponse(event=event))

        async with self._journal.follow(request.lead_id, request.after) as news:
            await _tell_all(news, tell, full=request.detail == pb.DETAIL_FULL)

    async def get_delivery(self, request: pb.GetDeliveryRequest, _call: Call) -> pb.GetDeliveryResponse:
        lead_id = request.lead_id
        if request.request_id:
            lead_id = await self._journal.find(request.request_id) or ""
            if not lead_id:
                raise errors.unknown_lead(request.request_id)
        return pb.GetDeliveryResponse(status=convert.lead_status(await self._standing(lead_id)))

    async def cancel(self, request: pb.CancelRequest, _call: Call) -> pb.CancelResponse:
        self._intake.cancel(request.lead_id, request.reason or "asked by a caller")
        return pb.CancelResponse(status=convert.lead_status(await self._standing(request.lead_id)))

    async def _one_of_many(self, request: pb.DeliverManyRequest, call: Call, room: trio.Semaphore) -> None:
        async def tell(event: event_pb2.Event) -> None:
            await call.send(pb.DeliverManyResponse(tag=request.tag, event=event))

        try:
            await self._deliver(request.deliver, call, tell)
        except Abort as refusal:
            message = pb.Refusal(code=refusal.code.value[0], message=refusal.message)
            await call.send(pb.DeliverManyResponse(tag=request.tag, refusal=message))
        finally:
            room.release()

    async def _deliver(self, request: pb.DeliverRequest, call: Call, tell: Tell) -> None:
        catalog = self._catalogs.current
        now = self._clock.now()
        lead = read_lead(request, call, lead_id=new_lead_id(now), now=now, catalog_version=catalog.version)
        flow = catalog.flows.get(lead.flow)
        if flow is None:
            raise errors.unknown_flow(lead.flow, catalog.flows)
        full = request.detail == pb.DETAIL_FULL
        listen = partial(self._listen, request, call, tell, full=full, patience=flow.answer_within)
        known: str | None = None
        async with self._journal.follow(lead.id, fresh=True) as news:
            content = digest(request)
            try:
                await self._intake.receive(lead, content, catalog)
            except AlreadyReceived as taken:
                if taken.digest != content:
                    raise errors.conflict(taken.lead_id) from taken
                known = taken.lead_id
            except Overloaded as refusal:
                raise errors.overloaded(str(refusal), refusal.retry_after) from refusal
            except Draining as refusal:
                raise errors.unavailable(str(refusal), "DRAINING", refusal.retry_after) from refusal
            except JournalError as error:
                raise errors.unavailable(str(error), "JOURNAL_UNAVAILABLE", 1) from error
            else:
                await listen(lead.id, news)
        if known is not None:
            async with self._journal.follow(known) as news:
                await listen(known, news)

    async def _listen(
        self,
        request: pb.DeliverRequest,
        call: Call,
        tell: Tell,
        lead_id: str,
        news: Subscription,
        *,
        full: bool,
        patience: float | None,
    ) -> None:
        """Tell the caller everything until the lead has settled, or for as long as the flow says."""
        try:
            with trio.CancelScope() as scope:
                if patience is not None:
                    scope.deadline = trio.current_time() + patience
                await _tell_all(news, tell, full=full)
        except trio.Cancelled:
            is_gone = call.cancelled_by_peer or call.time_remaining() == 0
            if is_gone and request.on_disconnect == pb.ON_DISCONNECT_CANCEL:
                self._intake.cancel(lead_id, "the caller went away")
            raise

    async def _standing(self, lead_id: str) -> Standing:
        state = standing(await self._journal.read(lead_id))
        if state is None:
            raise errors.unknown_lead(lead_id)
        return state


async def _tell_all(news: Subscription, tell: Tell, *, full: bool) -> None:
    while True:
        entry = await news.next()
        await tell(convert.event(entry, full=full))
        if isinstance(entry.fact, LeadSettled):
            return
