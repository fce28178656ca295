"""`Redeliver`: sends leads again as new ones, each linked to the one that it repeats (behaviour 8)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Final

import grpc
import trio

from leadrelay.core.again import edited, objection
from leadrelay.core.catalog import Catalog
from leadrelay.core.errors import AlreadyReceived, JournalError
from leadrelay.core.lead import Lead
from leadrelay.core.masking import MASK, hide, is_sensitive, together
from leadrelay.core.ports import Catalogs, Clock, Journal
from leadrelay.core.sending import hidden_texts
from leadrelay.core.standing import Standing, standing
from leadrelay.core.structs import LEVELS_OF_A_LEAD, struct
from leadrelay.edges.grpc import convert, errors
from leadrelay.edges.grpc.admission import permit, seen_by
from leadrelay.edges.grpc.bridge import Abort, Call, Method, unary_stream
from leadrelay.edges.grpc.filtering import filter_violations, read_filter
from leadrelay.edges.grpc.submission import Violation, digest, has_control_characters, read_lead, refuse
from leadrelay.journal.books import Books
from leadrelay.runtime.clock import new_lead_id
from leadrelay.runtime.intake import Draining, Intake, Overloaded
from leadrelay.v1 import delivery_service_pb2 as pb
from leadrelay.v1 import lead_pb2

METHOD: Final = "/leadrelay.v1.DeliveryService/Redeliver"
PAGE: Final = 100  # leads that are looked up at once
MAX_REQUEST_ID: Final = 64  # characters
MAX_EDITS: Final = 512


class RedeliverEdge:
    """The servicer of one method; `methods` is what the bridge serves."""

    def __init__(
        self, *, journal: Journal, books: Books, catalogs: Catalogs, intake: Intake, clock: Clock
    ) -> None:
        self._journal, self._books, self._catalogs = journal, books, catalogs
        self._intake, self._clock = intake, clock
        self._one_at_a_time = trio.Lock()  # between the look at a lead's family and a new lead in it

    def methods(self) -> dict[str, Method]:
        return {METHOD: unary_stream(self.redeliver, pb.RedeliverRequest)}

    async def redeliver(self, request: pb.RedeliverRequest, call: Call) -> None:
        permit(call, request.filter.flow)
        permit(call, request.flow or request.filter.flow)
        if wrong := list(_violations(request)):
            raise refuse("nothing was sent", wrong)
        catalog, now = self._catalogs.current, self._clock.now()
        if request.flow and request.flow not in catalog.flows:
            raise errors.unknown_flow(request.flow, seen_by(call, catalog.flows))
        wanted = read_filter(request.filter)
        # What is sent by this very call is received later, and never found by it.
        wanted = replace(wanted, until=now if wanted.until is None else min(now, wanted.until))
        after = ""
        try:
            while page := await self._books.matching(wanted, after, PAGE, newest_first=False):
                for lead_id in page:
                    await call.send(await self._answer(lead_id, request, catalog))
                after = page[-1]
        except JournalError as error:
            words = "what was answered so far stays sent; the call may be repeated"
            raise errors.journal_failed(error, words) from error

    async def _answer(
        self, lead_id: str, request: pb.RedeliverRequest, catalog: Catalog
    ) -> pb.RedeliverResponse:
        """One lead's answer. A refusal of it is a part of the answer, and stops no other."""
        try:
            async with self._one_at_a_time:
                return await self._again(lead_id, request, catalog)
        except Abort as refused:
            if refused.code is grpc.StatusCode.UNAVAILABLE:
                raise
            return pb.RedeliverResponse(lead_id=lead_id, refusal=errors.as_refusal(refused))

    async def _again(
        self, lead_id: str, request: pb.RedeliverRequest, catalog: Catalog
    ) -> pb.RedeliverResponse:
        original = await self._standing(lead_id)
        order = _order(original.lead, request)
        if order.flow not in catalog.flows:
            raise errors.unknown_flow(order.flow, catalog.flows)
        if before := await self._journal.find(order.request_id):
            return pb.RedeliverResponse(lead_id=lead_id, new_lead_id=before, flow=order.flow)
        new = self._new(order, original.lead, catalog)  # aborts where the edits make no lead
        family = [await self._standing(each) for each in await self._books.family(lead_id)]
        if words := objection(family, sold_too=request.sold_too):
            raise errors.precondition(words, "WOULD_BE_SOLD_TWICE")
        if request.dry_run:
            return pb.RedeliverResponse(
                lead_id=lead_id, flow=order.flow, fields=_shown(new, original.lead, catalog.sensitive)
            )
        await self._receive(new, digest(order.message), catalog)
        return pb.RedeliverResponse(lead_id=lead_id, new_lead_id=new.id, flow=order.flow)

    def _new(self, order: "_Order", original: Lead, catalog: Catalog) -> Lead:
        now = self._clock.now()
        lead = read_lead(
            order.message, (), lead_id=new_lead_id(now), now=now, catalog_version=catalog.version
        )
        return replace(lead, again_of=original.id, hops=original.hops)

    async def _receive(self, lead: Lead, content: str, catalog: Catalog) -> None:
        """Hand the lead in, as soon as there is room for it."""
        while True:
            try:
                await self._intake.receive(lead, content, catalog)
            except Overloaded as full:
                await trio.sleep(full.retry_after)
            except Draining as stop:
                words = f"{stop}; what was answered so far stays sent, and the call may be repeated"
                raise errors.unavailable(words, "DRAINING", stop.retry_after) from stop
            except AlreadyReceived as taken:
                raise errors.conflict(taken.lead_id) from taken
            else:
                return

    async def _standing(self, lead_id: str) -> Standing:
        state = standing(await self._journal.read(lead_id))
        if state is None:
            raise errors.unknown_lead(lead_id)
        return state


@dataclass(frozen=True, slots=True)
class _Order:
    """What is asked for one lead, as if its source had sent it so."""

    message: pb.DeliverRequest

    @property
    def flow(self) -> str:
        return self.message.flow

    @property
    def request_id(self) -> str:
        return self.message.request_id


def _order(lead: Lead, request: pb.RedeliverRequest) -> _Order:
    new = edited(lead, request.edits)
    message = lead_pb2.Lead(fields=new.fields, source=new.source)
    if new.nested:
        message.nested.CopyFrom(struct(new.nested, LEVELS_OF_A_LEAD))
    if new.submitted_at is not None:
        message.submission.timestamp.CopyFrom(convert.timestamp(new.submitted_at))
    message.submission.ip = new.ip
    flow = request.flow or lead.flow
    return _Order(pb.DeliverRequest(flow=flow, lead=message, request_id=_request_id(lead.id, flow, request)))


def _request_id(lead_id: str, flow: str, request: pb.RedeliverRequest) -> str:
    """The same for a repeat of the call, so that it finds what it has sent."""
    essence = pb.RedeliverRequest(flow=flow, edits=request.edits, request_id=request.request_id)
    mark = blake2b(essence.SerializeToString(deterministic=True), digest_size=16).hexdigest()
    return f"again:{lead_id}:{mark}"


def _shown(lead: Lead, original: Lead, sensitive: frozenset[str]) -> dict[str, str]:
    """Its fields without what is sensitive, or was before, also where others repeat that, as comments do."""
    hidden = together(hidden_texts(lead, sensitive), hidden_texts(original, sensitive))
    return {
        name: MASK if is_sensitive(name, sensitive) else hide(value, hidden)
        for name, value in lead.fields.items()
    }


def _violations(request: pb.RedeliverRequest) -> Iterator[Violation]:
    if not request.filter.ListFields():
        yield "filter", "is empty, and holds for every lead; say which ones are meant"
    yield from filter_violations(request.filter)
    if len(request.edits) > MAX_EDITS:
        yield "edits", f"changes {len(request.edits)} fields; at most {MAX_EDITS} are taken"
    if len(request.request_id) > MAX_REQUEST_ID or has_control_characters(request.request_id):
        yield "request_id", f"is longer than {MAX_REQUEST_ID} characters, or contains control characters"
