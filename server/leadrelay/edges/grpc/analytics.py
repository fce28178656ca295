"""AnalyticsService: sums over many leads, and every event as it happens (behaviour 8, 10)."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Final

import trio

from leadrelay.core.errors import JournalError
from leadrelay.core.facts import Entry, LeadReceived
from leadrelay.edges.grpc import convert, errors
from leadrelay.edges.grpc.bridge import Call, Method, unary_stream, unary_unary
from leadrelay.edges.grpc.filtering import moment_of, window_violations
from leadrelay.edges.grpc.submission import Violation, refuse
from leadrelay.edges.grpc.summing import summaries
from leadrelay.journal.books import NEVER_ENDS, Books
from leadrelay.journal.journal import Journal
from leadrelay.v1 import analytics_service_pb2 as pb
from leadrelay.v1.delivery_service_pb2 import DETAIL_FULL, Detail

SERVICE: Final = "leadrelay.v1.AnalyticsService"
PAGE: Final = 256  # events that are read at once, and held while a reader is slow
FLOWS: Final = 10_000  # leads whose flow is remembered while a flow is tailed

_DIMENSIONS: Final = {
    pb.DIMENSION_UNSPECIFIED: "destination",
    pb.DIMENSION_DESTINATION: "destination",
    pb.DIMENSION_FLOW: "flow",
    pb.DIMENSION_SOURCE: "source",
}


class AnalyticsEdge:
    """The servicer; `methods` is what the bridge serves."""

    def __init__(self, journal: Journal, books: Books) -> None:
        self._journal, self._books = journal, books
        self._tails: set[trio.CancelScope] = set()

    def close(self) -> None:
        """The server is stopping: readers are told where to go on, and none holds it up."""
        for tail in self._tails:
            tail.cancel()

    def methods(self) -> dict[str, Method]:
        return {
            f"/{SERVICE}/Summarize": unary_unary(self.summarize, pb.SummarizeRequest),
            f"/{SERVICE}/Tail": unary_stream(self.tail, pb.TailRequest),
        }

    async def summarize(self, request: pb.SummarizeRequest, _call: Call) -> pb.SummarizeResponse:
        if wrong := list(_violations(request)):
            raise refuse("nothing can be summed up", wrong)
        by = _DIMENSIONS[request.by]
        since, until = moment_of(request, "since") or 0, moment_of(request, "until")
        window = (since, NEVER_ENDS if until is None else until)
        try:
            leads = await self._books.leads_by(by, *window)
            sums, times = await self._books.sums(by, *window), await self._books.times(by, *window)
        except JournalError as error:
            raise errors.journal_failed(error, "nothing was changed") from error
        return pb.SummarizeResponse(rows=summaries(leads, sums, times))

    async def tail(self, request: pb.TailRequest, call: Call) -> None:
        """Read on as fast as the reader takes it; nothing is kept for one who is slow but a page."""
        if request.detail not in Detail.values():
            words = f"this server knows no value {request.detail}"
            raise refuse("there is nothing to tail", [("detail", words)])
        scope = trio.CancelScope()
        self._tails.add(scope)
        try:
            with scope:
                await self._tell_on(request, call)
        finally:
            self._tails.remove(scope)
        words = "the server is stopping; go on after the last place that you have"
        raise errors.unavailable(words, "DRAINING", 1)

    async def _tell_on(self, request: pb.TailRequest, call: Call) -> None:
        full, flows = request.detail == DETAIL_FULL, _Flows(self._journal)
        try:
            place = await self._begun(request)
            while True:
                for place, entry in await self._journal.rows_since(place, PAGE):  # noqa: B020 (goes on from it)
                    if not request.flow or await flows.of(entry) == request.flow:
                        event = convert.event(entry, full=full)
                        await call.send(pb.TailResponse(event=event, place=place))
                await self._journal.changed(place)
        except JournalError as error:
            raise errors.journal_failed(error, "go on after the last place that you have") from error

    async def _begun(self, request: pb.TailRequest) -> int:
        """The place behind which it begins; one that no event has yet is of another journal."""
        if request.from_start:
            return 0
        last = await self._journal.last()
        if request.after > last:
            words = f"is {request.after}, and the last place is {last}"
            raise refuse("there is nothing to tail", [("after", words)])
        return request.after or last


class _Flows:
    """Which flow each lead takes; the newest leads are remembered."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._known: OrderedDict[str, str] = OrderedDict()

    async def of(self, entry: Entry) -> str:
        flow = self._known.get(entry.lead_id)
        if flow is None:
            if isinstance(entry.fact, LeadReceived):
                flow = entry.fact.lead.flow
            else:
                flow = await self._journal.flow_of(entry.lead_id) or ""
            self._known[entry.lead_id] = flow
            if len(self._known) > FLOWS:
                self._known.popitem(last=False)
        return flow


def _violations(request: pb.SummarizeRequest) -> Iterator[Violation]:
    if request.by not in _DIMENSIONS:
        yield "by", f"this server knows no value {request.by}"
    yield from window_violations(request)
