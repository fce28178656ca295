"""`Redeliver`: leads again as new ones, and never sold twice in silence (behaviour 8)."""

from pathlib import Path
from typing import Any

import grpc
import pytest

from edges.market import Market, a_market
from leadrelay_client import Client, InvalidArgument, NotFound
from leadrelay_client.v1.delivery_service_pb2 import RedeliverResponse
from servers import in_thread

PRECONDITION, NOT_FOUND, INVALID = (
    grpc.StatusCode.FAILED_PRECONDITION.value[0],
    grpc.StatusCode.NOT_FOUND.value[0],
    grpc.StatusCode.INVALID_ARGUMENT.value[0],
)


async def again(market: Market, **asked: Any) -> list[RedeliverResponse]:
    """What a client is answered, once all that was sent has settled."""

    def ask() -> list[RedeliverResponse]:
        with Client(market.address) as client:
            answers = list(client.redeliver(**asked))
            for answer in answers:
                if answer.new_lead_id:
                    list(client.watch(answer.new_lead_id))
            return answers

    return await in_thread(ask)


async def test_what_was_not_sold_is_sent_again_linked_to_the_lead_that_it_repeats(tmp_path: Path) -> None:
    async with a_market(tmp_path) as market:
        bob, cid = await market.sell("Bob"), await market.sell("Cid")
        answers = await again(market, result="failure", to_flow="second_chance")

        def status(lead_id: str) -> Any:
            with Client(market.address) as client:
                return client.get(lead_id=lead_id)

        new = await in_thread(lambda: status(answers[0].new_lead_id))
    assert [answer.lead_id for answer in answers] == [bob, cid], "in order of receipt"
    assert (new.again_of, new.flow) == (bob, "second_chance")
    assert len(market.second.requests) == 2
    assert len(set(market.second.keys)) == 2, "a new lead has a key of its own"


async def test_the_same_call_again_sends_nothing_again(tmp_path: Path) -> None:
    async with a_market(tmp_path) as market:
        await market.sell("Bob")
        asked = {"lead_ids": [market.leads["Bob"]], "to_flow": "second_chance"}
        first, second = await again(market, **asked), await again(market, **asked)
        assert first == second
        assert len(market.second.requests) == 1
        (third,) = await again(market, **asked, request_id="once more")
        assert third.refusal.code == PRECONDITION, "it was sold when it was sent again"
        (fourth,) = await again(market, **asked, request_id="once more", sold_too=True)
        assert fourth.new_lead_id
    assert len(market.second.requests) == 2


@pytest.mark.parametrize(("name", "words"), [("Ann", "was sold"), ("Eve", "may have lead")])
async def test_what_was_sold_or_may_have_been_is_refused_by_itself(
    tmp_path: Path, name: str, words: str
) -> None:
    async with a_market(tmp_path) as market:
        await market.sell(name)
        await market.sell("Bob")
        refused, sent = await again(market, flow="loans", to_flow="second_chance")
        assert (refused.refusal.code, sent.HasField("refusal")) == (PRECONDITION, False)
        assert words in refused.refusal.message
        assert len(market.second.requests) == 1
        (insisted,) = await again(
            market, lead_ids=[market.leads[name]], to_flow="second_chance", sold_too=True
        )
        assert insisted.new_lead_id


async def test_one_that_was_sold_when_it_was_sent_again_counts_as_sold(tmp_path: Path) -> None:
    """Whatever the edits of the second call: the buyers have the person already."""
    async with a_market(tmp_path) as market:
        await market.sell("Bob")
        await again(market, lead_ids=[market.leads["Bob"]], to_flow="second_chance")
        (answer,) = await again(
            market, lead_ids=[market.leads["Bob"]], to_flow="second_chance", edits={"state": "CA"}
        )
    assert "was sold" in answer.refusal.message


async def test_edits_take_the_place_of_fields(tmp_path: Path) -> None:
    async with a_market(tmp_path) as market:
        await market.sell("Bob")
        (answer,) = await again(market, lead_ids=[market.leads["Bob"]], edits={"first_name": "Ann"})
        assert answer.flow == "loans"
    assert b"Ann" in market.buyer.requests[-1].body


async def test_a_dry_run_says_what_would_be_sent_masked_and_sends_nothing(tmp_path: Path) -> None:
    async with a_market(tmp_path) as market:
        await market.sell("Ann")
        await market.sell("Bob")
        edits = {"state": "CA", "comments": "ssn 219099999, not 078051120", "ssn": "219-09-9999"}
        refused, would = await again(market, flow="loans", dry_run=True, edits=edits)
        assert len(market.buyer.requests) == 2
    assert "was sold" in refused.refusal.message
    assert (would.new_lead_id, would.flow) == ("", "loans")
    shown = {"first_name": "Bob", "ssn": "***", "state": "CA", "comments": "ssn ***, not ***"}
    assert dict(would.fields) == shown


async def test_what_this_call_sends_is_not_found_by_it(tmp_path: Path) -> None:
    """Or it would go on for ever: the new lead is refused as the old one was."""
    async with a_market(tmp_path) as market:
        await market.sell("Bob")
        answers = await again(market, result="failure")
        assert len(answers) == 1
        assert len(await again(market, result="failure", request_id="2")) == 2


async def test_a_lead_that_edits_leave_empty_is_refused_by_itself(tmp_path: Path) -> None:
    async with a_market(tmp_path) as market:
        await market.sell("Bob")
        (answer,) = await again(market, flow="loans", edits={"first_name": "", "ssn": ""})
    assert answer.refusal.code == INVALID
    assert "at least one field" in answer.refusal.message


async def test_what_would_mean_everything_or_nothing_is_refused(tmp_path: Path) -> None:
    async with a_market(tmp_path) as market:
        with pytest.raises(InvalidArgument, match="holds for every lead"):
            await again(market)
        with pytest.raises(NotFound, match="second_chance"):
            await again(market, flow="loans", to_flow="second_chanse")
        with pytest.raises(InvalidArgument, match="request_id"):
            await again(market, flow="loans", request_id="x" * 65)
        assert await again(market, flow="nobody knows") == []
