"""`ListDeliveries`: leads by a filter, page by page (behaviour 8)."""

from collections.abc import Sequence
from typing import Final

from leadrelay.core.errors import JournalError
from leadrelay.core.ports import Journal
from leadrelay.core.standing import standing
from leadrelay.edges.grpc import convert, errors
from leadrelay.edges.grpc.admission import permit
from leadrelay.edges.grpc.bridge import Call, Method, unary_unary
from leadrelay.edges.grpc.filtering import USUAL_PAGE, filter_violations, page_violations, read_filter
from leadrelay.edges.grpc.submission import refuse
from leadrelay.journal.books import Books
from leadrelay.v1 import delivery_service_pb2 as pb

# Of a page. What recipients said goes along with each lead, and clients take no more than 4 MiB unless they
# are told to.
MAX_BYTES: Final = 2 << 20
METHOD: Final = "/leadrelay.v1.DeliveryService/ListDeliveries"


class ListEdge:
    """The servicer of one method; `methods` is what the bridge serves."""

    def __init__(self, journal: Journal, books: Books) -> None:
        self._journal, self._books = journal, books

    def methods(self) -> dict[str, Method]:
        return {METHOD: unary_unary(self.list, pb.ListDeliveriesRequest)}

    async def list(self, request: pb.ListDeliveriesRequest, call: Call) -> pb.ListDeliveriesResponse:
        """The token of a page is the last lead in it: ids are in order of receipt and never change."""
        permit(call, request.filter.flow)
        wrong = [
            *filter_violations(request.filter),
            *page_violations(request.page_size, request.page_token),
        ]
        if wrong:
            raise refuse("no leads can be listed", wrong)
        size = request.page_size or USUAL_PAGE
        try:
            found = await self._books.matching(
                read_filter(request.filter), request.page_token, size + 1, newest_first=True
            )
            statuses = await self._that_fit(found[:size])
        except JournalError as error:
            raise errors.journal_failed(error, "nothing was changed") from error
        token = found[len(statuses) - 1] if len(found) > len(statuses) else ""
        return pb.ListDeliveriesResponse(statuses=statuses, next_page_token=token)

    async def _that_fit(self, lead_ids: Sequence[str]) -> Sequence[pb.LeadStatus]:
        """Those that one answer has room for, in their order, and the first in any case."""
        statuses: list[pb.LeadStatus] = []
        room = MAX_BYTES
        for lead_id in lead_ids:
            status = await self._status(lead_id)
            room -= status.ByteSize()
            if room < 0 and statuses:
                break
            statuses.append(status)
        return statuses

    async def _status(self, lead_id: str) -> pb.LeadStatus:
        state = standing(await self._journal.read(lead_id))
        if state is None:
            raise JournalError(f"lead {lead_id} is in the list of leads and has no facts")
        return convert.lead_status(state)
