"""Batches in virtual time: who goes with whom, who does not, and what each is told (behaviour 4.6)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest
import trio
from trio.testing import MockClock

from fakes import (
    Act,
    Buyer,
    MemoryJournal,
    Tokens,
    breaks,
    hangs,
    never_connects,
    refuses,
)
from house import House, a_house
from leadrelay.core.batch import Batch, Listing
from leadrelay.core.catalog import Catalog
from leadrelay.core.destination import Destination, Rest, Timeouts
from leadrelay.core.encoding import Body
from leadrelay.core.encoding.listed import compile_list
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.facts import AttemptEnded, AttemptStarted
from leadrelay.core.lead import Lead
from leadrelay.core.limits import Limits
from leadrelay.core.limits.breaker import BreakerRule
from leadrelay.core.limits.rate import Rate
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode
from leadrelay.core.ports import Progress
from leadrelay.core.reading.paths import parse_path
from leadrelay.core.retry import Backoff
from runtime.limited import cap, capped, lead_id
from values import ACCEPTED, REJECTED, a_catalog, a_destination, a_lead

LISTED = Listing(before=b"[", between=b",", after=b"]")
BY_KEY: dict[str, Any] = {"key": "email", "reply_key": parse_path("email"), "replies": parse_path("results")}
JSON = (("content-type", "application/json"),)


def batching(most: int = 3, linger: float = 10.0, **more: Any) -> Destination:
    known = {name: more.pop(name) for name in ("key", "reply_key", "replies", "reply_status") if name in more}
    plain = a_destination("buyer", **more)
    assert isinstance(plain.protocol, Rest)
    return replace(
        plain,
        protocol=replace(plain.protocol, body=compile_list(Body())),
        batch=Batch(most=most, linger=linger, listing=LISTED, **known),
    )


def email(number: int) -> str:
    return f"lead{number}@example.com"


def lead(number: int) -> Lead:
    return a_lead(lead_id=lead_id(number), email=email(number))


def sent(buyer: Buyer) -> list[list[str]]:
    """The leads of each request, by their addresses."""
    return [[item["email"] for item in orjson.loads(request.body)] for request in buyer.requests]


def each(say: Callable[[str], Any], *, after: float = 0.0, within: str = "", status: int = 200) -> Act:
    """Answers a list with what is said of each lead; under a name, where there is one."""

    async def act(request: Request, progress: Progress) -> Reply:
        progress.sending()
        await trio.sleep(after)
        said = [say(item["email"]) for item in orjson.loads(request.body)]
        return Reply(status=status, headers=JSON, body=orjson.dumps({within: said} if within else said))

    return act


def whole(body: Any, status: int = 200) -> Act:
    async def act(_request: Request, progress: Progress) -> Reply:
        progress.sending()
        return Reply(status=status, headers=JSON, body=orjson.dumps(body))

    return act


ALL_ACCEPTED = each(lambda _: ACCEPTED)


async def hand_over(house: House, *numbers: int, apart: float = 0.01) -> None:
    """One after the other; none is waited for."""
    for number in numbers:
        house.nursery.start_soon(house.deliver, lead(number))
        await trio.sleep(apart)


async def settle(house: House, *numbers: int) -> list[Outcome]:
    for number in numbers:
        await house.settled(lead_id(number))
    return [house.outcomes(lead_id(number))["buyer"] for number in numbers]


async def delivered(
    destination: Destination, act: Act, *numbers: int, apart: float = 0.01
) -> tuple[list[Outcome], Buyer]:
    buyer = Buyer(act)
    async with a_house(a_catalog(destination), {"buyer": buyer}) as house:
        await hand_over(house, *numbers, apart=apart)
        return await settle(house, *numbers), buyer


def kinds(outcomes: list[Outcome]) -> list[Kind]:
    return [outcome.kind for outcome in outcomes]


async def test_a_full_batch_goes_at_once_and_as_one_request(autojump_clock: MockClock) -> None:
    outcomes, buyer = await delivered(batching(most=3), ALL_ACCEPTED, 1, 2, 3)
    assert sent(buyer) == [[email(1), email(2), email(3)]]
    assert buyer.called_at == [pytest.approx(0, abs=0.1)]
    assert kinds(outcomes) == [Kind.SUCCESS] * 3


async def test_a_batch_that_does_not_fill_goes_when_its_first_lead_has_lingered(
    autojump_clock: MockClock,
) -> None:
    _, buyer = await delivered(batching(linger=10), ALL_ACCEPTED, 1, 2, apart=4)
    assert sent(buyer) == [[email(1), email(2)]]
    assert buyer.called_at == [pytest.approx(10, abs=0.1)]


async def test_a_lead_that_stays_alone_is_sent_as_a_list_of_one(autojump_clock: MockClock) -> None:
    _, buyer = await delivered(batching(linger=2), ALL_ACCEPTED, 1)
    assert sent(buyer) == [[email(1)]]
    assert buyer.called_at == [pytest.approx(2, abs=0.1)]


async def test_without_linger_a_batch_is_what_came_at_the_same_time(autojump_clock: MockClock) -> None:
    _, buyer = await delivered(batching(linger=0), ALL_ACCEPTED, 1, 2, apart=1)
    assert sent(buyer) == [[email(1)], [email(2)]]


async def test_what_does_not_fit_goes_in_the_next_one(autojump_clock: MockClock) -> None:
    _, buyer = await delivered(batching(most=2, linger=5), ALL_ACCEPTED, 1, 2, 3)
    assert sent(buyer) == [[email(1), email(2)], [email(3)]]


async def test_while_all_slots_are_taken_a_batch_goes_on_gathering(autojump_clock: MockClock) -> None:
    slow = each(lambda _: ACCEPTED, after=5)
    _, buyer = await delivered(batching(linger=1, concurrency=1), slow, 1, 2, 3, apart=2)
    assert sent(buyer) == [[email(1)], [email(2), email(3)]]
    assert buyer.most_at_once == 1


async def test_each_lead_has_its_own_outcome_by_its_place(autojump_clock: MockClock) -> None:
    says = each(lambda address: REJECTED if address == email(2) else ACCEPTED)
    outcomes, _ = await delivered(batching(), says, 1, 2, 3)
    assert kinds(outcomes) == [Kind.SUCCESS, Kind.HARD_REJECT, Kind.SUCCESS]
    assert (outcomes[1].code, outcomes[0].reference) == (ReasonCode.DUPLICATE, "B-1")


async def test_each_lead_has_its_own_outcome_by_its_key_in_any_order(autojump_clock: MockClock) -> None:
    async def act(request: Request, progress: Progress) -> Reply:
        progress.sending()
        items = [
            {"email": item["email"], **(REJECTED if item["email"] == email(1) else ACCEPTED)}
            for item in orjson.loads(request.body)
        ]
        return Reply(status=200, headers=JSON, body=orjson.dumps({"results": items[::-1]}))

    outcomes, _ = await delivered(batching(**BY_KEY), act, 1, 2, 3)
    assert kinds(outcomes) == [Kind.HARD_REJECT, Kind.SUCCESS, Kind.SUCCESS]


async def test_a_lead_of_which_a_keyed_reply_says_nothing_is_unknown(autojump_clock: MockClock) -> None:
    says = whole({"results": [{"email": email(1), **ACCEPTED}]})
    outcomes, _ = await delivered(batching(most=2, **BY_KEY), says, 1, 2)
    assert kinds(outcomes) == [Kind.SUCCESS, Kind.SYSTEM_ERROR]
    assert (outcomes[1].arrived, outcomes[1].code) == (Arrived.UNKNOWN, ReasonCode.PROTOCOL)
    assert "does not tell what became of this lead" in outcomes[1].words


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"result": "accepted"}, 200, Kind.SUCCESS),
        ({"result": "rejected"}, 200, Kind.HARD_REJECT),
        ({}, 503, Kind.SOFT_REJECT),
    ],
)
async def test_a_reply_that_cannot_be_split_is_everybodys(
    body: Any, status: int, kind: Kind, autojump_clock: MockClock
) -> None:
    outcomes, _ = await delivered(batching(), whole(body, status), 1, 2, 3)
    assert kinds(outcomes) == [kind] * 3
    assert len(set(map(repr, outcomes))) == 1


async def test_a_list_of_another_length_sells_nobody(autojump_clock: MockClock) -> None:
    outcomes, _ = await delivered(batching(), whole([ACCEPTED, ACCEPTED]), 1, 2, 3)
    assert [outcome.arrived for outcome in outcomes] == [Arrived.UNKNOWN] * 3


@pytest.mark.parametrize(("act", "arrived"), [(refuses, Arrived.NO), (breaks, Arrived.UNKNOWN)])
async def test_what_breaks_on_the_way_breaks_for_all(
    act: Act, arrived: Arrived, autojump_clock: MockClock
) -> None:
    outcomes, buyer = await delivered(batching(), act, 1, 2, 3)
    assert [outcome.arrived for outcome in outcomes] == [arrived] * 3
    assert len(buyer.requests) == 1


@pytest.mark.parametrize(
    ("act", "code", "arrived"),
    [
        (never_connects, ReasonCode.TIMEOUT_CONNECT, Arrived.NO),
        (hangs, ReasonCode.TIMEOUT_RESPONSE, Arrived.UNKNOWN),
    ],
)
async def test_each_lead_times_out_by_itself_and_the_request_is_dropped(
    act: Act, code: ReasonCode, arrived: Arrived, autojump_clock: MockClock
) -> None:
    times = Timeouts(connect=2, response=5, total=60)
    outcomes, buyer = await delivered(batching(timeouts=times), act, 1, 2, 3)
    assert {(outcome.code, outcome.arrived) for outcome in outcomes} == {(code, arrived)}
    assert buyer.under_way == 0


async def test_a_lead_that_is_cancelled_before_the_send_leaves_the_batch(autojump_clock: MockClock) -> None:
    buyer = Buyer(ALL_ACCEPTED)
    async with a_house(a_catalog(batching(linger=10)), {"buyer": buyer}) as house:
        await hand_over(house, 1, 2)
        await trio.sleep(5)
        await house.intake.cancel(lead_id(1), "not wanted")
        first, second = await settle(house, 1, 2)
        assert house.attempts(lead_id(1)) == []
    assert (first.kind, first.code) == (Kind.SKIPPED, ReasonCode.CANCELLED)
    assert second.kind is Kind.SUCCESS
    assert sent(buyer) == [[email(2)]]


async def test_a_batch_that_everybody_left_is_not_sent(autojump_clock: MockClock) -> None:
    buyer = Buyer(ALL_ACCEPTED)
    async with a_house(a_catalog(batching(linger=10)), {"buyer": buyer}) as house:
        await hand_over(house, 1)
        await trio.sleep(5)
        await house.intake.cancel(lead_id(1), "not wanted")
        await settle(house, 1)
        await hand_over(house, 2)
        await settle(house, 2)
    assert sent(buyer) == [[email(2)]]
    assert buyer.called_at == [pytest.approx(15, abs=0.1)]


async def test_a_lead_whose_time_is_up_while_it_waits_leaves_the_batch(autojump_clock: MockClock) -> None:
    destination = batching(linger=1, timeouts=Timeouts(total=5), limits=Limits(rate=Rate(per_second=0.05)))
    buyer = Buyer(ALL_ACCEPTED)
    async with a_house(a_catalog(destination), {"buyer": buyer}) as house:
        await hand_over(house, 1, 2, apart=2)
        first, second = await settle(house, 1, 2)
        assert house.attempts(lead_id(2)) == []
    assert first.kind is Kind.SUCCESS
    assert (second.code, second.arrived) == (ReasonCode.TIMEOUT_TOTAL, Arrived.NO)
    assert sent(buyer) == [[email(1)]]


async def test_a_lead_that_leaves_while_the_connection_is_made_is_not_sent(autojump_clock: MockClock) -> None:
    async def connects_slowly(request: Request, progress: Progress) -> Reply:
        await trio.sleep(3)
        return await ALL_ACCEPTED(request, progress)

    buyer = Buyer(connects_slowly)
    async with a_house(a_catalog(batching(most=2)), {"buyer": buyer}) as house:
        await hand_over(house, 1, 2)
        await trio.sleep(1)
        await house.intake.cancel(lead_id(1), "not wanted")
        first, second = await settle(house, 1, 2)
        (attempt,) = house.attempts(lead_id(1))
    assert (first.code, attempt.outcome.arrived) == (ReasonCode.CANCELLED, Arrived.NO)
    assert second.kind is Kind.SUCCESS
    assert sent(buyer) == [[email(1), email(2)], [email(2)]]  # of the first one no byte left


async def test_a_lead_that_is_cancelled_after_the_send_hears_its_answer(autojump_clock: MockClock) -> None:
    """Behaviour 8: what is out is waited for."""
    buyer = Buyer(each(lambda _: ACCEPTED, after=5))
    async with a_house(a_catalog(batching(most=2)), {"buyer": buyer}) as house:
        await hand_over(house, 1, 2)
        await trio.sleep(1)
        await house.intake.cancel(lead_id(1), "not wanted")
        assert kinds(await settle(house, 1, 2)) == [Kind.SUCCESS] * 2


async def test_all_starts_are_durable_before_the_first_byte_leaves(autojump_clock: MockClock) -> None:
    journal = MemoryJournal(commit_takes=1)
    seen: list[bool] = []

    async def looks(request: Request, progress: Progress) -> Reply:
        facts = [journal.facts(lead_id(number)) for number in (1, 2, 3)]
        seen.extend(any(isinstance(fact, AttemptStarted) for fact in of_one) for of_one in facts)
        return await ALL_ACCEPTED(request, progress)

    async with a_house(a_catalog(batching()), {"buyer": Buyer(looks)}, journal=journal) as house:
        await hand_over(house, 1, 2, 3)
        await settle(house, 1, 2, 3)
    assert seen == [True] * 3


async def test_the_facts_of_a_lead_have_its_own_part_and_name_the_batch(autojump_clock: MockClock) -> None:
    buyer = Buyer(ALL_ACCEPTED)
    async with a_house(a_catalog(batching()), {"buyer": buyer}) as house:
        await hand_over(house, 1, 2, 3)
        await settle(house, 1, 2, 3)
        starts = [fact for fact in house.facts(lead_id(2)) if isinstance(fact, AttemptStarted)]
        (ended,) = house.attempts(lead_id(2))
    (started,) = starts
    assert started.request is not None
    assert orjson.loads(started.request.body) == [{"email": email(2)}]
    assert ended.reply is not None
    assert orjson.loads(ended.reply.body) == ACCEPTED
    (request,) = buyer.requests
    assert dict(request.headers)["Idempotency-Key"] == ended.batch == request.idempotency_key
    assert ended.batch.startswith("batch-")
    assert ended.batch_size == 3


async def test_one_that_is_to_be_tried_again_goes_alone_or_with_the_next_ones(
    autojump_clock: MockClock,
) -> None:
    tries: list[str] = []

    def say(address: str) -> Any:
        tries.append(address)
        return {"result": "busy"} if address == email(2) and tries.count(address) == 1 else ACCEPTED

    destination = batching(
        retry=Backoff(attempts=2, first_delay=1, on=frozenset({"system_error"})), reply_status=parse_path("s")
    )
    says = each(lambda address: {"s": 500 if (said := say(address)) != ACCEPTED else 200, **said})
    outcomes, buyer = await delivered(destination, says, 1, 2, 3)
    assert kinds(outcomes) == [Kind.SUCCESS] * 3
    assert sent(buyer) == [[email(1), email(2), email(3)], [email(2)]]


async def test_one_bad_lead_does_not_spoil_the_batch(autojump_clock: MockClock) -> None:
    buyer = Buyer(each(lambda address: {"email": address, **ACCEPTED}, within="results"))
    async with a_house(a_catalog(batching(**BY_KEY)), {"buyer": buyer}) as house:
        nameless = a_lead(lead_id=lead_id(2), first_name="Ada")
        await hand_over(house, 1)
        house.nursery.start_soon(house.deliver, nameless)
        await hand_over(house, 3)
        first, second, third = await settle(house, 1, 2, 3)
    assert (second.kind, second.code) == (Kind.SYSTEM_ERROR, ReasonCode.MAPPING_INVALID)
    assert kinds([first, third]) == [Kind.SUCCESS] * 2
    assert sent(buyer) == [[email(1), email(3)]]


async def test_two_leads_with_one_key_never_share_a_request(autojump_clock: MockClock) -> None:
    buyer = Buyer(each(lambda address: {"email": address, **ACCEPTED}, within="results"))
    async with a_house(a_catalog(batching(most=2, **BY_KEY)), {"buyer": buyer}) as house:
        for number in (1, 2):
            twin = a_lead(lead_id=lead_id(number), email=email(7))
            house.nursery.start_soon(house.deliver, twin)
        assert kinds(await settle(house, 1, 2)) == [Kind.SUCCESS] * 2
    assert sent(buyer) == [[email(7)], [email(7)]]


async def test_a_batch_is_signed_as_a_whole_and_once_more_after_a_401(autojump_clock: MockClock) -> None:
    async def act(request: Request, progress: Progress) -> Reply:
        if dict(request.headers)["authorization"] == "Bearer 1":
            return await whole({}, 401)(request, progress)
        return await each(lambda _: {"result": "accepted", "id": "Bearer 2"})(request, progress)

    buyer = Buyer(act)
    async with a_house(a_catalog(batching()), {"buyer": buyer}, signers={"buyer": Tokens()}) as house:
        await hand_over(house, 1, 2, 3)
        outcomes = await settle(house, 1, 2, 3)
        facts = repr(house.facts(lead_id(1)))
    assert kinds(outcomes) == [Kind.SUCCESS] * 3
    assert len(buyer.requests) == 2
    assert "Bearer" not in facts


@pytest.mark.parametrize(
    "act",
    [
        whole({"result": "rejected", "reason": f"bad: {email(1)}"}),
        each(lambda _: {**REJECTED, "id": email(1)}),
    ],
    ids=["everybody's", "its own part"],
)
async def test_no_lead_is_told_what_is_sensitive_of_another(autojump_clock: MockClock, act: Act) -> None:
    """A recipient may repeat what anybody sent, in a reply that is everybody's and in a lead's own part."""
    destination = batching(most=2)
    catalog = replace(a_catalog(destination), sensitive=frozenset({"email"}))
    buyer = Buyer(act)
    async with a_house(_with_masks(catalog), {"buyer": buyer}) as house:
        await hand_over(house, 1, 2)
        await settle(house, 1, 2)
        assert email(1) not in repr(house.facts(lead_id(2)))


def _with_masks(catalog: Catalog) -> Catalog:
    from leadrelay.core.mapping import Rule, compile_mapping  # noqa: PLC0415

    destination = catalog.destinations["buyer"]
    mapping = compile_mapping((Rule(to="email", value="{{email}}"),), sensitive=frozenset({"email"}))
    return replace(catalog, destinations={"buyer": replace(destination, mapping=mapping)})


async def test_what_is_sensitive_of_somebody_is_read_all_the_same(autojump_clock: MockClock) -> None:
    """To mask a reply before it is read would make nonsense of it, where a number of it is masked."""
    catalog = replace(a_catalog(batching(most=2)), sensitive=frozenset({"email"}))
    buyer = Buyer(whole({"result": "rejected", "reason": "no", "n": 417}))
    async with a_house(_with_masks(catalog), {"buyer": buyer}) as house:
        for number, address in ((1, "417"), (2, email(2))):
            house.nursery.start_soon(house.deliver, a_lead(lead_id=lead_id(number), email=address))
        assert kinds(await settle(house, 1, 2)) == [Kind.HARD_REJECT] * 2
        assert "417" not in repr(house.facts(lead_id(2)))


async def test_a_defect_of_ours_costs_one_batch_and_not_the_server(
    autojump_clock: MockClock, capsys: pytest.CaptureFixture[str]
) -> None:
    async def defect(_request: Request, _progress: Progress) -> Reply:
        raise ZeroDivisionError

    buyer = Buyer(defect, ALL_ACCEPTED)
    async with a_house(a_catalog(batching(most=2)), {"buyer": buyer}) as house:
        await hand_over(house, 1, 2)
        first = await settle(house, 1, 2)
        await hand_over(house, 3, 4)
        second = await settle(house, 3, 4)
    assert [(outcome.code, outcome.arrived) for outcome in first] == [(ReasonCode.OTHER, Arrived.NO)] * 2
    assert kinds(second) == [Kind.SUCCESS] * 2


async def test_caps_count_leads(autojump_clock: MockClock) -> None:
    outcomes, buyer = await delivered(batching(limits=capped(cap(count=2))), ALL_ACCEPTED, 1, 2, 3)
    assert sorted(kinds(outcomes)) == sorted([Kind.SUCCESS, Kind.SUCCESS, Kind.SKIPPED])
    assert [len(each) for each in sent(buyer)] == [2]


async def test_the_rate_counts_requests(autojump_clock: MockClock) -> None:
    limits = Limits(rate=Rate(per_second=0.5))
    _, buyer = await delivered(batching(most=2, linger=0.1, limits=limits), ALL_ACCEPTED, 1, 2, 3, 4)
    assert buyer.called_at == [pytest.approx(0, abs=0.2), pytest.approx(2, abs=0.2)]


async def test_the_breaker_counts_requests(autojump_clock: MockClock) -> None:
    limits = Limits(breaker=BreakerRule(minimum=2))
    buyer = Buyer(refuses)
    async with a_house(a_catalog(batching(linger=0.1, limits=limits)), {"buyer": buyer}) as house:
        await hand_over(house, 1, 2, 3)
        await settle(house, 1, 2, 3)
        await hand_over(house, 4, 5, 6)
        outcomes = await settle(house, 4, 5, 6)
        assert [outcome.code for outcome in outcomes] == [ReasonCode.CONNECT] * 3
        await hand_over(house, 7)
        (shut,) = await settle(house, 7)
    assert shut.code is ReasonCode.BREAKER_OPEN


async def test_no_more_leads_wait_than_the_queue_holds(autojump_clock: MockClock) -> None:
    outcomes, _ = await delivered(batching(most=10, queue=2), ALL_ACCEPTED, 1, 2, 3)
    assert [outcome.code for outcome in outcomes] == [None, None, ReasonCode.QUEUE_FULL]


async def test_a_stop_while_a_batch_gathers_leaves_leads_that_were_not_sent(
    autojump_clock: MockClock,
) -> None:
    journal, buyer = MemoryJournal(), Buyer(ALL_ACCEPTED)
    catalog = a_catalog(batching(linger=10))
    async with a_house(catalog, {"buyer": buyer}, journal=journal) as house:
        await hand_over(house, 1, 2)
        await trio.sleep(5)
    assert not any(isinstance(fact, AttemptStarted) for fact in journal.facts(lead_id(1)))
    async with a_house(catalog, {"buyer": buyer}, journal=journal) as house:
        await house.intake.resume()
        assert kinds(await settle(house, 1, 2)) == [Kind.SUCCESS] * 2
    assert sent(buyer) == [[email(1), email(2)]]


async def test_a_stop_after_the_send_leaves_leads_of_which_nobody_knows(autojump_clock: MockClock) -> None:
    journal, buyer = MemoryJournal(), Buyer(hangs)
    catalog = a_catalog(batching(most=2))
    async with a_house(catalog, {"buyer": buyer}, journal=journal) as house:
        await hand_over(house, 1, 2)
        await trio.sleep(1)
    for number in (1, 2):
        ended = [fact for fact in journal.facts(lead_id(number)) if isinstance(fact, AttemptEnded)]
        assert [fact.outcome.arrived for fact in ended] == [Arrived.UNKNOWN]
