"""Deliveries to a flow of the same server: taken, refused and joined as a call would be (behaviour 4.1)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import orjson
import pytest
import trio
from trio.testing import MockClock

from fakes import Buyer, MemoryJournal, OneCatalog, TrioClock, answers
from house import House, a_house
from leadrelay.adapters.direct.message import as_json
from leadrelay.core.errors import JournalError, NoAnswer
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.facts import LeadReceived
from leadrelay.core.lead import Lead
from leadrelay.core.outcome import Kind, Outcome, ReasonCode
from leadrelay.core.reading import PeerReading
from leadrelay.edges.grpc.delivery import DeliveryEdge
from leadrelay.edges.grpc.inward import InwardWire
from values import ACCEPTED, a_catalog, a_destination
from wires import Watched

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def a_request(flow: str = "loans", *, key: str = "key-1", **fields: str) -> Request:
    lead = {"fields": fields or {"email": "ada@example.com"}}
    headers = (("traceparent", PARENT), ("leadrelay-hops", "2"))
    return Request(method="Deliver", url="local:", headers=headers, body=as_json(flow, lead, key))


@dataclass
class Inside:
    house: House
    wire: InwardWire

    async def send(self, request: Request) -> Reply:
        return await self.wire.send(request, Watched())

    async def outcome(self, request: Request) -> Outcome:
        return PeerReading().read(await self.send(request))

    @property
    def leads(self) -> list[Lead]:
        firsts = (self.house.journal.facts(lead_id)[0] for lead_id in self.house.journal.entries)
        return [fact.lead for fact in firsts if isinstance(fact, LeadReceived)]


@asynccontextmanager
async def inside(
    *buyers: Buyer, journal: MemoryJournal | None = None, max_leads: int = 9
) -> AsyncIterator[Inside]:
    catalog = a_catalog(a_destination("a"))
    async with a_house(catalog, {"a": buyers[0]}, journal=journal, max_leads=max_leads) as house:
        shelf = OneCatalog(catalog)
        edge = DeliveryEdge(journal=house.journal, catalogs=shelf, intake=house.intake, clock=TrioClock())
        yield Inside(house, InwardWire(edge, house.intake, house.journal, shelf, TrioClock()))


async def test_the_lead_is_carried_and_its_end_is_the_reply(autojump_clock: MockClock) -> None:
    async with inside(Buyer(answers(body=ACCEPTED))) as server:
        progress = Watched()
        reply = await server.wire.send(a_request(), progress)
        (lead,) = server.leads
    said = orjson.loads(reply.body)
    assert (reply.status, progress.sent) == (200, 1)
    assert (said["result"], said["lead_id"]) == ("success", lead.id)
    assert said["deliveries"]["a"]["reference"] == "B-1"


async def test_the_lead_is_in_the_trace_it_came_from_and_one_server_further(
    autojump_clock: MockClock,
) -> None:
    async with inside(Buyer(answers(body=ACCEPTED))) as server:
        await server.send(a_request())
        (lead,) = server.leads
    assert (lead.trace.trace_id, lead.trace.parent_id) == (PARENT[3:35], PARENT[36:52])
    assert (lead.request_id, lead.hops) == ("key-1", 2)


@pytest.mark.parametrize("again", [a_request(), a_request(email="bob@example.com")], ids=["same", "other"])
async def test_a_delivery_that_comes_again_joins_the_lead_it_made(
    autojump_clock: MockClock, again: Request
) -> None:
    """Other content comes of a mapping that reads the time of day."""
    buyer = Buyer(answers(body=ACCEPTED, after=5))
    async with inside(buyer) as server:
        with trio.move_on_after(1):
            await server.send(a_request())
        assert (await server.outcome(again)).kind is Kind.SUCCESS
        assert (await server.outcome(again)).kind is Kind.SUCCESS
        assert len(server.leads) == 1
    assert len(buyer.requests) == 1


async def test_who_stops_to_listen_does_not_stop_the_lead(autojump_clock: MockClock) -> None:
    async with inside(Buyer(answers(body=ACCEPTED, after=5))) as server:
        with trio.move_on_after(1):
            await server.send(a_request())
        (lead,) = server.leads
        assert (await server.house.settled(lead.id)).accepted == 1


async def test_what_a_call_is_refused_for_is_refused_here_too(autojump_clock: MockClock) -> None:
    async with inside(Buyer(answers())) as server:
        unknown = await server.outcome(a_request("loan"))
        malformed = await server.outcome(a_request(**{"x" * 129: "too long a name"}))
        assert server.leads == []
    assert (unknown.kind, unknown.words) == (
        Kind.SYSTEM_ERROR,
        "no flow 'loan': did you mean 'loans'?",
    )
    assert (malformed.kind, malformed.code) == (Kind.HARD_REJECT, ReasonCode.INVALID_DATA)


async def test_a_server_that_is_full_or_stops_still_takes_the_leads_of_its_leads(
    autojump_clock: MockClock,
) -> None:
    async with inside(Buyer(answers(body=ACCEPTED)), max_leads=0) as server:
        server.house.intake.close()
        assert (await server.outcome(a_request())).kind is Kind.SUCCESS


async def test_a_journal_that_cannot_be_written_has_accepted_nothing(autojump_clock: MockClock) -> None:
    journal = MemoryJournal()
    journal.is_broken = True
    async with inside(Buyer(answers()), journal=journal) as server:
        outcome = await server.outcome(a_request())
    assert (outcome.kind, outcome.code) == (Kind.SOFT_REJECT, ReasonCode.UNAVAILABLE)


async def test_a_journal_that_takes_too_long_may_have_the_lead(autojump_clock: MockClock) -> None:
    async with inside(Buyer(answers()), journal=MemoryJournal(commit_takes=60)) as server:
        assert (await server.outcome(a_request())).is_unresolved


async def test_a_lead_that_cannot_be_read_any_more_goes_on_unseen(autojump_clock: MockClock) -> None:
    class Unread(MemoryJournal):
        @asynccontextmanager
        async def follow(self, lead_id: str, after: int = 0, *, fresh: bool = False) -> AsyncIterator["Torn"]:  # type: ignore[override]
            yield Torn()

    async with inside(Buyer(answers(after=5)), journal=Unread()) as server:
        with pytest.raises(NoAnswer) as caught:
            await server.send(a_request())
    assert "goes on" in caught.value.words


class Torn:
    """A subscription to a journal that cannot be read."""

    async def next(self) -> None:
        raise JournalError("the disk is gone")
