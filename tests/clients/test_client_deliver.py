"""Handing leads over, as the Python client's users see it (behaviour 8). Most stories are told to both."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from clients.faces import Face
from clients.small_relay import TRACE_ID, SmallRelay
from leadrelay_client import (
    AsyncClient,
    Client,
    DeadlineExceeded,
    Event,
    Lead,
    LeadrelayError,
    NotFound,
    OutcomeKind,
    Result,
    Unavailable,
    deliver_request,
)
from leadrelay_client.v1.delivery_service_pb2 import DeliverRequest

LEAD = {"email": "ann@example.com", "loan_amount": 250_000}
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def numbers(events: list[Event]) -> list[int]:
    return [event.number for event in events]


def test_events_come_in_order_from_accepted_to_settled(relay: SmallRelay, face: Face) -> None:
    events = face.collect(relay.target, lambda client: client.deliver("mortgage", LEAD))
    assert numbers(events) == [1, 2, 3, 4, 5]
    assert events[0].WhichOneof("kind") == "accepted"
    assert events[-1].lead_settled.result == Result.RESULT_SUCCESS


def test_the_server_gets_what_the_caller_said(relay: SmallRelay, face: Face) -> None:
    def deliver(client: Client) -> object:
        return client.deliver("mortgage", LEAD, request_id="r-1", on_disconnect="cancel", detail="full")

    face.collect(relay.target, deliver)
    [(_, request, _)] = relay.calls
    assert request == deliver_request(
        "mortgage", LEAD, request_id="r-1", on_disconnect="cancel", detail="full"
    )
    assert request.lead == Lead(fields={"email": "ann@example.com", "loan_amount": "250000"})


def test_waiting_gives_the_sum_of_the_events(relay: SmallRelay, face: Face) -> None:
    settled = face.ask(relay.target, lambda client: client.deliver_and_wait("mortgage", LEAD))
    assert (settled.lead_id, settled.trace_id, settled.reason) == ("lead-1", TRACE_ID, "as crm said")
    assert settled.is_settled
    assert settled.is_accepted
    assert [money.amount for money in settled.revenue] == ["12.50"]
    crm = settled.deliveries["crm"]
    assert (crm.attempts, crm.ended, crm.outcome.reference) == (1, True, "A-7")
    assert numbers(settled.events) == [1, 2, 3, 4, 5]


def test_a_rejection_is_an_outcome_and_no_error(relay: SmallRelay, face: Face) -> None:
    settled = face.ask(relay.target, lambda client: client.deliver_and_wait("refusing", LEAD))
    assert settled.result == Result.RESULT_ERROR
    assert not settled.is_accepted
    assert settled.deliveries["crm"].outcome.kind == OutcomeKind.OUTCOME_KIND_SOFT_REJECT


def test_a_request_id_given_again_joins_the_same_lead(relay: SmallRelay, face: Face) -> None:
    def deliver(client: Client) -> object:
        return client.deliver("mortgage", LEAD, request_id="r-1")

    assert face.collect(relay.target, deliver) == face.collect(relay.target, deliver)
    assert list(relay.journal.leads) == ["lead-1"]


def test_key_and_trace_context_go_along_with_the_call(relay: SmallRelay, face: Face) -> None:
    def deliver(client: Client) -> object:
        return client.deliver("mortgage", LEAD, traceparent=PARENT)

    face.collect(relay.target, deliver, api_key="k-123")
    [(_, _, metadata)] = relay.calls
    assert metadata["authorization"] == "Bearer k-123"
    assert metadata["traceparent"] == PARENT


def test_the_call_is_under_way_before_anybody_reads(relay: SmallRelay) -> None:
    with Client(relay.target) as client:
        stream = client.deliver("mortgage", LEAD)
        assert relay.ended.get(timeout=5) == "Deliver"
        assert numbers(list(stream)) == [1, 2, 3, 4, 5]


def test_breaking_off_the_loop_ends_the_call(relay: SmallRelay) -> None:
    with Client(relay.target) as client:
        for event in client.deliver("slow", LEAD):
            assert event.number == 1
            break
        assert relay.ended.get(timeout=5) == "Deliver"


def test_breaking_off_the_loop_ends_the_call_in_asyncio(relay: SmallRelay) -> None:
    async def run() -> None:
        async with AsyncClient(relay.target) as client:
            async for event in client.deliver("slow", LEAD):
                assert event.number == 1
                break
            assert await asyncio.to_thread(relay.ended.get, timeout=5) == "Deliver"

    asyncio.run(run())


def test_closing_the_stream_ends_the_call_and_the_loop(relay: SmallRelay) -> None:
    with Client(relay.target) as client:
        stream = client.deliver("slow", LEAD)
        assert next(stream).number == 1
        stream.close()
        assert list(stream) == []
        assert relay.ended.get(timeout=5) == "Deliver"


def test_cancelling_the_task_ends_the_call_and_stays_a_cancel(relay: SmallRelay) -> None:
    async def run() -> None:
        async with AsyncClient(relay.target) as client:
            waiting = asyncio.create_task(client.deliver_and_wait("slow", LEAD))
            await asyncio.to_thread(relay.called.wait, 5)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert await asyncio.to_thread(relay.ended.get, timeout=5) == "Deliver"

    asyncio.run(run())


def test_closing_the_client_under_a_stream_is_an_error_and_no_cancel(relay: SmallRelay) -> None:
    async def run() -> None:
        client = AsyncClient(relay.target)
        stream = client.deliver("slow", LEAD)
        assert (await anext(stream)).number == 1
        await client.close()
        with pytest.raises(LeadrelayError, match="lead lead-1 was accepted"):
            await anext(stream)

    asyncio.run(run())


def test_a_lead_that_outlasts_the_timeout_is_named_in_the_error(relay: SmallRelay, face: Face) -> None:
    with pytest.raises(DeadlineExceeded, match="watch it after event 1") as caught:
        face.ask(relay.target, lambda client: client.deliver_and_wait("slow", LEAD, timeout=0.3))
    assert (caught.value.lead_id, caught.value.last_event) == ("lead-1", 1)


def test_watching_starts_after_the_given_number(relay: SmallRelay, face: Face) -> None:
    face.collect(relay.target, lambda client: client.deliver("mortgage", LEAD))
    events = face.collect(relay.target, lambda client: client.watch("lead-1", after=3))
    assert numbers(events) == [4, 5]


def test_many_leads_come_back_under_their_tags_and_a_refusal_ends_nothing(
    relay: SmallRelay, face: Face
) -> None:
    leads = [
        ("a", deliver_request("mortgage", LEAD)),
        ("b", deliver_request("nowhere", LEAD)),
        ("c", deliver_request("refusing", LEAD)),
    ]
    answers = face.collect(relay.target, lambda client: client.deliver_many(leads))
    assert [event.number for tag, event in answers if tag in "ac"] == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5]
    [refusal] = [answer for tag, answer in answers if tag == "b"]
    assert isinstance(refusal, NotFound)
    assert str(refusal) == "no flow 'nowhere'"


def test_leads_that_cannot_be_read_are_the_callers_own_error(relay: SmallRelay, face: Face) -> None:
    def leads() -> Iterator[tuple[str, DeliverRequest]]:
        yield "a", deliver_request("mortgage", LEAD)
        raise KeyError("column 7")

    with pytest.raises(KeyError, match="column 7"):
        face.collect(relay.target, lambda client: client.deliver_many(leads()))


def test_asyncio_takes_leads_from_an_asynchronous_iterator(relay: SmallRelay) -> None:
    async def leads() -> AsyncIterator[tuple[str, DeliverRequest]]:
        for tag in "ab":
            await asyncio.sleep(0)
            yield tag, deliver_request("mortgage", LEAD)

    async def run() -> list[str]:
        async with AsyncClient(relay.target) as client:
            return [tag async for tag, _ in client.deliver_many(leads())]

    assert asyncio.run(run()) == ["a"] * 5 + ["b"] * 5


def test_a_stream_of_many_leads_is_not_taken_up_again(relay: SmallRelay, face: Face) -> None:
    relay.fates = [2]
    leads = [("a", deliver_request("mortgage", LEAD))]
    with pytest.raises(Unavailable):
        face.collect(relay.target, lambda client: client.deliver_many(leads))
    assert [method for method, _, _ in relay.calls] == ["DeliverMany"]
