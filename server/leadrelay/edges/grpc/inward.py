"""Direct deliveries to a flow of this server: taken in like any lead, without a network (behaviour 4.1).

What a call of `Deliver` would be refused for, it is refused for here, and in the same words. The new lead
has the idempotency key of its delivery as its request id. So a delivery that is taken up again after a crash
joins the lead it had made, and never makes another.
"""

import trio
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo  # type: ignore[import-untyped]

from leadrelay.adapters.direct import refusal
from leadrelay.adapters.direct.call import Status
from leadrelay.adapters.direct.message import as_message
from leadrelay.adapters.direct.telling import Telling
from leadrelay.core.catalog import Catalog
from leadrelay.core.errors import JournalError, NoAnswer
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.facts import DeliveryEnded, LeadSettled
from leadrelay.core.lead import Lead
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Catalogs, Clock, Journal, Progress, Subscription
from leadrelay.edges.grpc import convert, errors
from leadrelay.edges.grpc.bridge import Abort
from leadrelay.edges.grpc.delivery import DeliveryEdge
from leadrelay.edges.grpc.submission import digest, read_lead
from leadrelay.runtime.clock import new_lead_id
from leadrelay.runtime.intake import Intake


class InwardWire:
    """A core.ports.Wire that leads back into this server. It holds nothing."""

    def __init__(
        self, edge: DeliveryEdge, intake: Intake, journal: Journal, catalogs: Catalogs, clock: Clock
    ) -> None:
        self._edge, self._intake = edge, intake
        self._journal, self._catalogs, self._clock = journal, catalogs, clock

    async def send(self, request: Request, progress: Progress) -> Reply:
        """See core.ports.Wire."""
        catalog, lead_id, taken = self._catalogs.current, new_lead_id(self._clock.now()), ""
        try:
            async with self._journal.follow(lead_id, fresh=True) as news:
                taken = await self._take(request, lead_id, catalog, progress)
                if taken == lead_id:
                    return await _listened(news)
            # After a restart the leads that wait for each other may be more than are taken up at once.
            await self._intake.take_up(taken)
            known = len(await self._journal.read(taken))
            async with self._journal.follow(taken) as news:
                return await _listened(news, known)
        except Abort as error:
            refused = _status(error)
            is_certain = refused.name != "UNAVAILABLE" or refusal.is_refusal(refused)
            return refusal.reply_of(refused, may_be_taken=not is_certain)
        except JournalError as error:
            if not taken:
                refused = _status(errors.journal_failed(error, errors.NOTHING))
                return refusal.reply_of(refused, may_be_taken=False)
            raise NoAnswer(ReasonCode.OTHER, f"lead {taken} goes on, but cannot be read: {error}") from error

    async def aclose(self) -> None:
        """See core.ports.Wire."""
        await trio.lowlevel.checkpoint()

    async def _take(self, request: Request, lead_id: str, catalog: Catalog, progress: Progress) -> str:
        """The id of the lead to listen to: the new one, or one that this delivery made before."""
        message = as_message(request.body)
        lead: Lead = read_lead(
            message,
            request.headers,
            lead_id=lead_id,
            now=self._clock.now(),
            catalog_version=catalog.version,
        )
        progress.sending()
        try:
            return await self._edge.receive(lead, digest(message), catalog)
        except Abort as error:
            if holder := refusal.holder_of(_status(error)):
                return holder
            raise


async def _listened(news: Subscription, known: int = 0) -> Reply:
    """Until the lead has settled. One that was resolved later has settled again, `known` entries say."""
    told, last = Telling(), 0
    while not told.is_settled or last < known:
        entry = await news.next()
        last = entry.number
        if isinstance(entry.fact, DeliveryEnded | LeadSettled):
            told.add(convert.event(entry, full=False))
    return told.reply()


def _status(refused: Abort) -> Status:
    info = next((each for each in refused.details if isinstance(each, ErrorInfo)), ErrorInfo())
    retry = next((each for each in refused.details if isinstance(each, RetryInfo)), RetryInfo())
    return Status(
        name=refused.code.name,
        message=refused.message,
        domain=info.domain,
        reason=info.reason,
        facts=dict(info.metadata),
        retry_after=retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9,
    )
