"""`Resolve`, as a caller sees it (behaviour 4.5, 8)."""

from decimal import Decimal
from typing import Any

import grpc
import pytest
import trio
from trio.testing import MockClock

from edges.grpc.callers import Desk, a_desk, a_request
from fakes import Buyer, answers, breaks
from house import a_house
from leadrelay.core.outcome import Arrived, Kind
from leadrelay.edges.grpc.bridge import Abort
from leadrelay.edges.grpc.resolving import MAX_TEXT, read_resolution
from leadrelay.v1 import delivery_service_pb2 as pb
from leadrelay.v1.outcome_pb2 import (
    OUTCOME_KIND_HARD_REJECT,
    OUTCOME_KIND_SKIPPED,
    OUTCOME_KIND_SUCCESS,
    OUTCOME_KIND_TIMEOUT,
    RESULT_SUCCESS,
    RESULT_UNRESOLVED,
    Money,
)
from values import ACCEPTED, LEAD_ID, a_catalog, a_destination, waterfall

SOLD: dict[str, Any] = {
    "outcome": OUTCOME_KIND_SUCCESS,
    "price": Money(amount="42.50", currency="USD"),
    "reference": "P-1",
}


def a_resolution(lead_id: str = LEAD_ID, **said: Any) -> pb.ResolveRequest:
    wanted: dict[str, Any] = {"delivery": "a", "outcome": OUTCOME_KIND_SUCCESS} | said
    return pb.ResolveRequest(lead_id=lead_id, **wanted)


async def unresolved(desk: Desk) -> str:
    """A lead that rests because `a` may have it."""
    caller = await desk.ask("Deliver", a_request())
    assert caller.events[-1].lead_settled.result == RESULT_UNRESOLVED
    return caller.events[0].lead_id


def a_waterfall() -> Any:
    catalog = a_catalog(a_destination("a"), a_destination("b"), step=waterfall("a", "b"))
    return a_house(catalog, {"a": Buyer(breaks), "b": Buyer(answers(body=ACCEPTED))})


async def test_a_lead_that_settled_as_unresolved_settles_again(autojump_clock: MockClock) -> None:
    async with a_waterfall() as house, a_desk(house) as desk:
        lead_id = await unresolved(desk)
        answer = await desk.ask("Resolve", a_resolution(lead_id, **SOLD))
        await trio.sleep(10)
        again = await desk.ask("Resolve", a_resolution(lead_id, **SOLD))
        watched = await desk.ask("Watch", pb.WatchRequest(lead_id=lead_id))
    assert answer.code is again.code is grpc.StatusCode.OK
    status = again.told(pb.ResolveResponse)[0].status
    assert status.result == RESULT_SUCCESS
    first = status.deliveries[0]
    assert (first.delivery, first.resolved, first.ended) == ("a", True, True)
    assert status.revenue[0] == SOLD["price"]
    assert watched.kinds.count("lead_settled") == 2, "it is told to its present end"
    assert watched.kinds[-1] == "lead_settled"
    assert "delivery_resolved" in watched.kinds
    assert [event.number for event in watched.events] == list(range(1, len(watched.events) + 1))


async def test_who_joins_by_request_id_sees_the_present_end(autojump_clock: MockClock) -> None:
    async with a_waterfall() as house, a_desk(house) as desk:
        first = await desk.ask("Deliver", a_request(request_id="r"))
        lead_id = first.events[0].lead_id
        await desk.ask("Resolve", a_resolution(lead_id, outcome=OUTCOME_KIND_HARD_REJECT))
        await trio.sleep(10)
        joined = await desk.ask("Deliver", a_request(request_id="r"))
    assert joined.events[-1].lead_settled.result == RESULT_SUCCESS
    assert joined.events[: len(first.events)] == first.events


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        ({"lead_id": LEAD_ID[:-1] + "9"}, grpc.StatusCode.NOT_FOUND, "no lead"),
        ({"delivery": "z"}, grpc.StatusCode.NOT_FOUND, "it has a"),
        ({"delivery": "b"}, grpc.StatusCode.NOT_FOUND, "it has a"),
    ],
)
async def test_what_is_not_there_is_told(
    said: dict[str, Any], code: grpc.StatusCode, words: str, autojump_clock: MockClock
) -> None:
    async with a_waterfall() as house, a_desk(house) as desk:
        lead_id = await unresolved(desk)
        refused = await desk.ask("Resolve", a_resolution(**{"lead_id": lead_id} | said))
    assert refused.code is code
    assert words in refused.words


async def test_what_is_certain_is_refused_with_how_it_stands(autojump_clock: MockClock) -> None:
    async with a_waterfall() as house, a_desk(house) as desk:
        lead_id = await unresolved(desk)
        await desk.ask("Resolve", a_resolution(lead_id, outcome=OUTCOME_KIND_HARD_REJECT))
        await trio.sleep(10)
        other = await desk.ask("Resolve", a_resolution(lead_id))
        sold = await desk.ask("Resolve", a_resolution(lead_id, delivery="b"))
    assert other.code is sold.code is grpc.StatusCode.FAILED_PRECONDITION
    assert "resolved before, as hard_reject" in other.words
    assert "success, which is certain" in sold.words


async def test_a_stopping_server_resolves_nothing(autojump_clock: MockClock) -> None:
    async with a_waterfall() as house, a_desk(house) as desk:
        lead_id = await unresolved(desk)
        house.intake.close()
        refused = await desk.ask("Resolve", a_resolution(lead_id))
    assert refused.code is grpc.StatusCode.UNAVAILABLE
    assert "nothing was resolved" in refused.words


def test_a_request_becomes_the_outcome_that_it_says() -> None:
    outcome = read_resolution(a_resolution(reason="Bob called", **SOLD))
    assert (outcome.kind, outcome.price, outcome.currency) == (Kind.SUCCESS, Decimal("42.50"), "USD")
    assert (outcome.reference, outcome.words, outcome.arrived) == ("P-1", "Bob called", Arrived.YES)
    assert read_resolution(a_resolution(outcome=OUTCOME_KIND_TIMEOUT)).arrived is Arrived.NO


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"lead_id": ""}, "lead_id"),
        ({"delivery": ""}, "delivery"),
        ({"outcome": OUTCOME_KIND_SKIPPED}, "outcome"),
        ({"outcome": 0}, "outcome"),
        ({"outcome": 77}, "outcome"),
        ({"reason": "x" * (MAX_TEXT + 1)}, "reason"),
        ({"reference": "two\nlines"}, "reference"),
        ({"price": Money(amount="12,50")}, "price.amount"),
        ({"price": Money(amount="NaN")}, "price.amount"),
        ({"price": Money(amount="-1")}, "price.amount"),
        ({"price": Money(amount="1e9")}, "price.amount"),
        ({"price": Money(amount="1_000")}, "price.amount"),
        ({"price": Money(amount=" 12")}, "price.amount"),
        ({"price": Money(amount="\u0661\u0662")}, "price.amount"),
        ({"price": Money(amount="1" * 100)}, "price.amount"),
        ({"price": Money()}, "price.amount"),
        ({"price": Money(amount="1", currency="usd")}, "price.currency"),
        ({"price": Money(amount="1", currency="UDS")}, "price.currency"),
        ({"price": Money(amount="1"), "outcome": OUTCOME_KIND_HARD_REJECT}, "price"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(said: dict[str, Any], field: str) -> None:
    with pytest.raises(Abort) as caught:
        read_resolution(a_resolution(**said))
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert caught.value.message.startswith(f"nothing was resolved: {field}: ")
