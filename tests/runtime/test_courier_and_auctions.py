"""Auctions carried: the time for bids, what a post is sent, what is booked, and a restart (behaviour 5)."""

from decimal import Decimal

import trio
from trio.testing import MockClock

from fakes import Act, Buyer, MemoryJournal, answers, hangs, refuses
from house import a_house
from leadrelay.core.catalog import Catalog
from leadrelay.core.facts import DeliveryEnded, DeliveryResolved, LeadSettled
from leadrelay.core.flow import Auction, Bidder, Deliver, Step
from leadrelay.core.mapping import Rule
from leadrelay.core.outcome import Arrived, Kind, Money, ReasonCode, Result
from leadrelay.core.resolving import said
from leadrelay.core.retry import Backoff
from values import ACCEPTED, LEAD_ID, REJECTED, a_catalog, a_destination

POSTED = (
    Rule(to="quote", value="{{bid.reference}}"),
    Rule(to="price", value="{{bid.price}} {{bid.currency}}"),
    Rule(to="tier", value="{{appended.ask_a.tier}}"),
)
NO_PRICE = {"result": "accepted", "id": "P-1"}


def bids(price: str, *, after: float = 0.0, reference: str = "Q-1") -> Act:
    body = {"result": "accepted", "price": f"{price} USD", "id": reference, "tier": "gold"}
    return answers(body=body, after=after)


def an_auction(names: str, *, within: float = 3, retry: Backoff | None = None) -> Catalog:
    bidders = tuple(
        Bidder(
            ping=Deliver(delivery=f"ask_{name}", destination=f"ask_{name}", bid_within=within),
            post=Deliver(delivery=name, destination=name),
        )
        for name in names
    )
    pings = (a_destination(f"ask_{name}", retry=retry) for name in names)
    posts = (a_destination(name, rules=POSTED) for name in names)
    return a_catalog(*pings, *posts, step=Step(kind=Auction(bidders=bidders)))


async def test_a_bid_within_the_time_wins_and_its_post_carries_it(autojump_clock: MockClock) -> None:
    buyers = {
        "ask_a": Buyer(bids("12.50", after=2, reference="Q-9")),
        "ask_b": Buyer(bids("8")),
        "a": Buyer(answers(body=ACCEPTED)),
        "b": Buyer(answers(body=ACCEPTED)),
    }
    async with a_house(an_auction("ab"), buyers) as house:
        settled = await house.deliver()
        outcomes = house.outcomes()
    assert settled.result is Result.SUCCESS
    assert buyers["a"].requests[0].body == b'{"quote":"Q-9","price":"12.50 USD","tier":"gold"}'
    assert outcomes["b"].code is ReasonCode.AUCTION_LOST
    assert buyers["b"].requests == []


async def test_a_bid_that_comes_late_is_none_although_it_is_the_highest(autojump_clock: MockClock) -> None:
    buyers = {
        "ask_a": Buyer(bids("99", after=3.5)),
        "ask_b": Buyer(bids("8")),
        "b": Buyer(answers(body=ACCEPTED, after=5)),
    }
    async with a_house(an_auction("ab"), buyers) as house:
        await house.deliver()
        outcomes = house.outcomes()
    assert buyers["b"].called_at[0] < 3.2
    assert (outcomes["ask_a"].kind, outcomes["ask_a"].words) == (Kind.TIMEOUT, "no bid within 3 s")
    assert outcomes["a"].words == "no bid: no bid within 3 s"
    assert outcomes["b"].accepted


async def test_a_ping_that_gets_no_answer_holds_nothing(autojump_clock: MockClock) -> None:
    """It went out and nobody knows, but no lead went with it."""
    async with a_house(an_auction("a"), {"ask_a": Buyer(hangs)}) as house:
        settled = await house.deliver()
        outcomes, attempts = house.outcomes(), house.attempts()
    assert attempts[0].outcome.arrived is Arrived.UNKNOWN
    assert outcomes["ask_a"].arrived is Arrived.NO
    assert (settled.result, settled.waiting) == (Result.FAILURE, ())


async def test_a_ping_is_marked_so_that_nobody_counts_it_as_a_sale(autojump_clock: MockClock) -> None:
    buyers = {"ask_a": Buyer(bids("8")), "a": Buyer(answers(body=REJECTED))}
    async with a_house(an_auction("a"), buyers) as house:
        settled = await house.deliver()
        ended = {fact.delivery: fact.is_ping for fact in house.facts() if isinstance(fact, DeliveryEnded)}
    assert ended == {"ask_a": True, "a": False}
    assert (settled.accepted, settled.revenue) == (0, ())


async def test_a_post_that_names_no_price_pays_what_was_bid(autojump_clock: MockClock) -> None:
    buyers = {"ask_a": Buyer(bids("8.25")), "a": Buyer(answers(body=NO_PRICE))}
    async with a_house(an_auction("a"), buyers) as house:
        settled = await house.deliver()
        assert house.outcomes()["a"].price == Decimal("8.25")
    assert settled.revenue == (Money(amount=Decimal("8.25"), currency="USD"),)


async def test_a_post_that_is_resolved_without_a_price_pays_what_was_bid(autojump_clock: MockClock) -> None:
    """And may be resolved so again."""
    buyers = {"ask_a": Buyer(bids("8.25")), "a": Buyer(hangs)}
    async with a_house(an_auction("a"), buyers) as house:
        await house.deliver()
        for _ in range(2):
            await house.intake.resolve(LEAD_ID, "a", said(Kind.SUCCESS, "they have it"))
            await trio.sleep(60)
        (resolved,) = (fact for fact in house.facts() if isinstance(fact, DeliveryResolved))
        *_, settled = house.facts()
    assert (resolved.outcome.price, resolved.outcome.currency) == (Decimal("8.25"), "USD")
    assert isinstance(settled, LeadSettled)
    assert settled.revenue == (Money(amount=Decimal("8.25"), currency="USD"),)


async def test_a_ping_is_tried_again_only_while_there_is_time_for_a_bid(autojump_clock: MockClock) -> None:
    """Also where its schedule is of hours, which a delivery would be parked for."""
    retry = Backoff(attempts=5, first_delay=1, factor=100, max_delay=7200)
    buyers = {"ask_a": Buyer(refuses), "ask_b": Buyer(bids("8")), "b": Buyer(answers(body=ACCEPTED))}
    async with a_house(an_auction("ab", retry=retry), buyers) as house:
        settled = await house.deliver()
        assert trio.current_time() < 4
        assert house.outcomes()["ask_a"].code is ReasonCode.CONNECT
    assert buyers["ask_a"].called_at == [0, 1]
    assert settled.result is Result.SUCCESS


async def test_our_own_waiting_for_the_journal_does_not_cost_a_bid(autojump_clock: MockClock) -> None:
    buyers = {"ask_a": Buyer(bids("8", after=2)), "a": Buyer(answers(body=ACCEPTED))}
    async with a_house(an_auction("a"), buyers, journal=MemoryJournal(commit_takes=4)) as house:
        assert (await house.deliver()).result is Result.SUCCESS


async def test_after_a_crash_the_bids_that_are_on_record_stand(autojump_clock: MockClock) -> None:
    """A bid that was under way is none; one that was not asked for yet is asked for."""
    journal, catalog = MemoryJournal(), an_auction("ab")
    first = {"ask_a": Buyer(bids("8")), "ask_b": Buyer(hangs)}
    async with a_house(catalog, first, journal=journal) as house:
        house.nursery.start_soon(house.deliver)
        await trio.sleep(1)
    second = {"ask_a": Buyer(refuses), "ask_b": Buyer(bids("99")), "a": Buyer(answers(body=ACCEPTED))}
    async with a_house(catalog, second, journal=journal) as house:
        await house.intake.resume()
        settled = await house.settled(LEAD_ID)
        outcomes = house.outcomes()
    assert (second["ask_a"].requests, second["ask_b"].requests) == ([], [])
    assert outcomes["ask_b"].code is ReasonCode.INTERRUPTED
    assert settled.reason == "accepted by a"


async def test_an_auction_whose_winner_was_posted_to_goes_on_there_after_a_crash(
    autojump_clock: MockClock,
) -> None:
    journal, catalog = MemoryJournal(), an_auction("ab")
    pings: dict[str, Buyer] = {"ask_a": Buyer(bids("8")), "ask_b": Buyer(bids("9"))}
    async with a_house(catalog, pings | {"b": Buyer(hangs)}, journal=journal) as house:
        house.nursery.start_soon(house.deliver)
        await trio.sleep(1)
    async with a_house(catalog, pings | {"b": Buyer(refuses)}, journal=journal) as house:
        await house.intake.resume()
        settled = await house.settled(LEAD_ID)
    assert (settled.result, settled.waiting) == (Result.UNRESOLVED, ("a",))
    assert [len(buyer.requests) for buyer in pings.values()] == [1, 1]
