"""Caps in auctions: a bid is no sale, and what was bid is what is set aside (behaviour 5, 7)."""

from trio.testing import MockClock

from fakes import Buyer, answers
from house import a_house
from leadrelay.core.catalog import Catalog
from leadrelay.core.flow import Auction, Bidder, Deliver, Step
from leadrelay.core.limits import Limits
from leadrelay.core.limits.full import WhenFull
from runtime.limited import by_code, cap, capped, deliver, outcomes
from values import a_catalog, a_destination

BIDS = answers(body={"result": "accepted", "price": "40 USD", "id": "Q-1"})
TAKES = answers(body={"result": "accepted", "id": "P-1"}, after=0.1)  # at the price that was bid


def an_auction(*, ask: Limits | None = None, buyer: Limits | None = None) -> Catalog:
    bidder = Bidder(
        ping=Deliver(delivery="ask", destination="ask", bid_within=3),
        post=Deliver(delivery="buyer", destination="buyer"),
    )
    destinations = (a_destination("ask", limits=ask), a_destination("buyer", limits=buyer))
    return a_catalog(*destinations, step=Step(kind=Auction(bidders=(bidder,))))


def buyers() -> dict[str, Buyer]:
    return {"ask": Buyer(BIDS), "buyer": Buyer(TAKES)}


async def test_what_was_bid_is_set_aside_and_spent(autojump_clock: MockClock) -> None:
    catalog = an_auction(buyer=capped(cap(None, money="100")))
    async with a_house(catalog, buyers()) as house:
        await deliver(house, range(10))
        found = outcomes(house, range(10))
        await deliver(house, [11])
        (last,) = outcomes(house, [11])
    assert by_code(found) == {"success": 2, "cap_full": 8}
    assert "full: 80 of 100 USD, opens" in last.words


async def test_a_bid_takes_no_place(autojump_clock: MockClock) -> None:
    catalog = an_auction(ask=capped(cap(1)))
    async with a_house(catalog, buyers()) as house:
        await deliver(house, range(5))
        assert by_code(outcomes(house, range(5), "ask")) == {"success": 5}


async def test_nobody_is_asked_for_a_bid_who_could_not_take_the_lead(autojump_clock: MockClock) -> None:
    """Here one destination is asked and sold to."""
    limits = capped(cap(1), when_full=WhenFull.PARK)
    bidder = Bidder(
        ping=Deliver(delivery="buyer", destination="buyer", bid_within=3),
        post=Deliver(delivery="buyer#2", destination="buyer"),
    )
    catalog = a_catalog(a_destination("buyer", limits=limits), step=Step(kind=Auction(bidders=(bidder,))))
    buyer = Buyer(BIDS)
    async with a_house(catalog, {"buyer": buyer}) as house:
        await deliver(house, [1])
        await deliver(house, [2])
        (second,) = outcomes(house, [2])
    assert len(buyer.requests) == 2
    assert second.words.startswith("daily cap full: 1 of 1")
