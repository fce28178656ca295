"""DeliveryService: leads in, events out (behaviour 8).

A call listens; the lead belongs to the runtime. So nothing here waits for a recipient, and whatever
ends a call ends the listening alone, unless the caller asked otherwise by `on_disconnect`.
"""

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Final

import trio

from leadrelay.core.catalog import Catalog
from leadrelay.core.errors import AlreadyReceived, JournalError, Undecided
from leadrelay.core.lead import Lead
from leadrelay.core.ports import Catalogs, Clock, Journal
from leadrelay.core.resolving import NotUnresolved, UnknownDelivery
from leadrelay.core.standing import Standing, standing
from leadrelay.edges.grpc import convert, errors, unreadable
from leadrelay.edges.grpc.admission import is_bounded, permit, seen_by
from leadrelay.edges.grpc.bridge import (
    Abort,
    Call,
    Method,
    Requests,
    Unreadable,
    stream_stream,
    unary_stream,
    unary_unary,
)
from leadrelay.edges.grpc.listening import Listener, Tell, tell_all
from leadrelay.edges.grpc.places import Place, Places
from leadrelay.edges.grpc.resolving import read_resolution
from leadrelay.edges.grpc.submission import digest, has_control_characters, read_lead, refuse
from leadrelay.runtime.clock import new_lead_id
from leadrelay.runtime.defects import report
from leadrelay.runtime.intake import Draining, Intake, Overloaded
from leadrelay.v1 import delivery_service_pb2 as pb
from leadrelay.v1 import event_pb2

SERVICE: Final = "leadrelay.v1.DeliveryService"
MAX_TAG: Final = 256  # characters; it comes back with every event
MAX_REASON: Final = 256  # characters of why a lead is cancelled
READ_AGAIN: Final = "nothing was changed"


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
            f"/{SERVICE}/Resolve": unary_unary(self.resolve, pb.ResolveRequest),
            f"/{SERVICE}/Cancel": unary_unary(self.cancel, pb.CancelRequest),
        }

    def deliver(self, request: pb.DeliverRequest, call: Call) -> Awaitable[None]:
        """Not a coroutine itself: its frame would hold the request for as long as the lead is listened to."""

        async def tell(event: event_pb2.Event) -> None:
            await call.send(pb.DeliverResponse(event=event))

        return self._deliver(request, call, tell)

    async def deliver_many(self, requests: Requests[pb.DeliverManyRequest], call: Call) -> None:
        places = Places()
        async with trio.open_nursery() as nursery:
            while True:
                try:
                    request = await requests.receive()
                except Unreadable as refused:
                    await call.send(unreadable.answer(refused, MAX_TAG))
                    continue
                if request is None:
                    return
                nursery.start_soon(self._one_of_many, request, call, await places.take())

    async def watch(self, request: pb.WatchRequest, call: Call) -> None:
        if request.detail not in pb.Detail.values():
            words = f"this server knows no value {request.detail}"
            raise refuse("there is nothing to watch", [("detail", words)])

        async def tell(event: event_pb2.Event) -> None:
            await call.send(pb.WatchResponse(event=event))

        with _explained(READ_AGAIN):
            state = await self._standing(request.lead_id)
            permit(call, state.lead.flow)
            if request.after > state.last_number:
                words = f"is {request.after}, and the last event is {state.last_number}"
                raise refuse("there is nothing to watch", [("after", words)])
            if state.settled is not None and request.after == state.last_number:
                return
            async with self._journal.follow(request.lead_id, request.after) as news:
                full = request.detail == pb.DETAIL_FULL
                await tell_all(request.lead_id, news, tell, full=full, known=state.last_number)

    async def get_delivery(self, request: pb.GetDeliveryRequest, call: Call) -> pb.GetDeliveryResponse:
        with _explained(READ_AGAIN):
            lead_id = request.lead_id
            if request.request_id:
                lead_id = await self._journal.find(request.request_id) or ""
                if not lead_id:
                    raise errors.unknown_lead(request.request_id)
            if not lead_id:
                raise refuse("no lead is named", [("key", "give `lead_id` or `request_id`")])
            state = await self._standing(lead_id)
            permit(call, state.lead.flow)
            return pb.GetDeliveryResponse(status=convert.lead_status(state))

    async def cancel(self, request: pb.CancelRequest, call: Call) -> pb.CancelResponse:
        """The answer is given once the cancellation is durable, or a crash could undo it."""
        if len(request.reason) > MAX_REASON or has_control_characters(request.reason):
            words = f"is longer than {MAX_REASON} characters, or contains control characters"
            raise refuse("nothing was cancelled", [("reason", words)])
        with _explained("it is not certain that the lead was cancelled"):
            lead_id, reason = request.lead_id, request.reason or "asked by a caller"
            await self._permit(call, lead_id)
            is_under_way = await self._intake.cancel(lead_id, reason)
            if is_under_way:
                await self._intake.written(lead_id)
            state = await self._standing(lead_id)
        if not is_under_way and state.settled is None:
            raise errors.not_taken_up(lead_id)
        return pb.CancelResponse(status=convert.lead_status(state))

    async def resolve(self, request: pb.ResolveRequest, call: Call) -> pb.ResolveResponse:
        """The answer is given once the resolution is durable, or a crash could undo it."""
        lead_id, outcome = request.lead_id, read_resolution(request)
        with _explained("it is not certain that the delivery was resolved; the call may be repeated"):
            await self._permit(call, lead_id)
            try:
                await self._intake.resolve(lead_id, request.delivery, outcome)
            except UnknownDelivery as unknown:
                raise errors.unknown_delivery(unknown.delivery, unknown.known) from unknown
            except NotUnresolved as certain:
                words = f"delivery {request.delivery} of lead {lead_id} is not unresolved: {certain}"
                raise errors.precondition(words, "NOT_UNRESOLVED") from certain
            except Draining as stop:
                words = f"{stop}; nothing was resolved"
                raise errors.unavailable(words, "DRAINING", stop.retry_after) from stop
            except LookupError as lost:
                await self._standing(lead_id)  # aborts where the lead is unknown
                raise errors.not_taken_up(lead_id) from lost
            return pb.ResolveResponse(status=convert.lead_status(await self._standing(lead_id)))

    async def _one_of_many(self, request: pb.DeliverManyRequest, call: Call, place: Place) -> None:
        """Whatever becomes of this lead, the others on the stream go on."""

        async def tell(event: event_pb2.Event) -> None:
            if event.HasField("lead_parked"):
                place.rest()
            await call.send(pb.DeliverManyResponse(tag=request.tag, event=event))

        try:
            await self._deliver_tagged(request, call, tell)
        except Abort as refusal:
            await call.send(pb.DeliverManyResponse(tag=request.tag, refusal=errors.as_refusal(refusal)))
        finally:
            place.leave()

    async def _deliver_tagged(self, request: pb.DeliverManyRequest, call: Call, tell: Tell) -> None:
        if len(request.tag) > MAX_TAG:
            words = f"is longer than {MAX_TAG} characters"
            raise refuse("the lead cannot be taken", [("tag", words)])
        try:
            await self._deliver(request.deliver, call, tell)
        except Abort:
            raise
        except Exception as error:  # a defect of ours
            report(f"a lead of {call.method}", error)
            raise errors.internal() from error

    async def _deliver(self, request: pb.DeliverRequest, call: Call, tell: Tell) -> None:
        """Take the lead, or join the one that has its request id, and listen to it."""
        permit(call, request.flow)
        catalog, now = self._catalogs.current, self._clock.now()
        lead_id = new_lead_id(now)
        lead = read_lead(request, call.metadata, lead_id=lead_id, now=now, catalog_version=catalog.version)
        flow = catalog.flows.get(lead.flow)
        patience = None if flow is None else flow.answer_within
        listener = Listener(request, call, tell, self._intake.cancel_soon)
        # Only a request id makes two requests comparable, and a digest costs a tenth of a call.
        content = digest(request) if request.request_id else ""
        del request  # all of it is in the lead now
        with _explained(errors.NOTHING):
            async with self._journal.follow(lead_id, fresh=True) as news:
                with listener.bound_to(lead_id):
                    taken = await self.receive(lead, content, catalog, call)
                    if taken == lead_id:
                        await listener.listen(lead_id, news, patience)
                        return
        with _explained(f"lead {taken} goes on; watch it"):
            known = (await self._standing(taken)).last_number
            async with self._journal.follow(taken) as news:
                with listener.bound_to(taken):
                    await listener.listen(taken, news, patience, known=known)

    async def receive(self, lead: Lead, content: str, catalog: Catalog, call: Call | None = None) -> str:
        """The id of the lead to listen to: this one, or the one that has its request id already.

        Without a call it comes from a lead that is under way here, and is a part of its work.
        """
        try:
            if lead.flow not in catalog.flows:
                raise errors.unknown_flow(lead.flow, seen_by(call, catalog.flows))
            await self._intake.receive(lead, content, catalog, is_inner=call is None)
        except AlreadyReceived as taken:
            return _same(taken.lead_id, taken.digest, content)
        except Undecided as error:
            words = "whether the lead was accepted is not known; repeat the call with the same request id"
            raise errors.journal_failed(error, words) from error
        except Abort as refusal:
            return await self._known(lead.request_id, content, refusal)
        except Overloaded as full:
            refused = errors.overloaded(str(full), full.retry_after)
            return await self._known(lead.request_id, content, refused)
        except Draining as stop:
            refused = errors.draining(str(stop), stop.retry_after)
            return await self._known(lead.request_id, content, refused)
        return lead.id

    async def _known(self, request_id: str, content: str, refusal: Abort) -> str:
        """The lead that an earlier call made; `refusal` where there is none.

        Who repeats a call must not hear that nothing was accepted when the first one was.
        """
        lead_id = await self._journal.find(request_id) if request_id else None
        if lead_id is None:
            raise refusal
        return _same(lead_id, (await self._standing(lead_id)).digest, content)

    async def _permit(self, call: Call, lead_id: str) -> None:
        """Abort where a lead is none of the caller's business."""
        if is_bounded(call):
            permit(call, (await self._standing(lead_id)).lead.flow)

    async def _standing(self, lead_id: str) -> Standing:
        state = standing(await self._journal.read(lead_id))
        if state is None:
            raise errors.unknown_lead(lead_id)
        return state


def _same(lead_id: str, known: str, content: str) -> str:
    """The lead that a request id stands for, if it is the same lead."""
    if known != content:
        raise errors.conflict(lead_id)
    return lead_id


@contextmanager
def _explained(consequence: str) -> Iterator[None]:
    """A journal that cannot be read or written is UNAVAILABLE, with what it means for the caller."""
    try:
        yield
    except JournalError as error:
        raise errors.journal_failed(error, consequence) from error
