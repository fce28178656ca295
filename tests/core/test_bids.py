"""Bids: which answers are any, who is first, and what the others are told (behaviour 5)."""

from decimal import Decimal

import pytest

from leadrelay.core.bids import final, ranked
from leadrelay.core.flow import Auction, Bidder, Deliver
from leadrelay.core.outcome import Arrived, Bid, Kind, Money, Outcome, ReasonCode

LOST = Outcome(
    kind=Kind.TIMEOUT, code=ReasonCode.TIMEOUT_TOTAL, arrived=Arrived.UNKNOWN, words="no bid within 3 s"
)
NO = Outcome(kind=Kind.HARD_REJECT, code=ReasonCode.DUPLICATE, words="Duplicate lead")
SILENT = Outcome(kind=Kind.SUCCESS, words="OK")


def bidder(name: str) -> Bidder:
    return Bidder(
        ping=Deliver(delivery=f"ask_{name}", destination=f"ask_{name}", bid_within=3),
        post=Deliver(delivery=name, destination=name),
    )


def bids(price: str, currency: str = "USD", reference: str = "") -> Outcome:
    return Outcome(kind=Kind.SUCCESS, price=Decimal(price), currency=currency, reference=reference)


def rank(*answers: Outcome, minimum: Money | None = None) -> tuple[list[str], list[str]]:
    bidders = [bidder(letter) for letter in "abcdef"[: len(answers)]]
    auction = Auction(bidders=tuple(bidders), minimum=minimum)
    offers, losers = ranked(auction, list(zip(bidders, answers, strict=True)))
    return [offer.bidder.post.delivery for offer in offers], [loser.why for loser in losers]


def test_the_highest_bid_is_first_and_equal_ones_stand_as_listed() -> None:
    order, losers = rank(bids("10.00"), bids("12.5"), bids("10"), bids("0"))
    assert order == ["b", "a", "c", "d"]
    assert losers == []


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (LOST, "no bid: no bid within 3 s"),
        (NO, "no bid: Duplicate lead"),
        (SILENT, "no bid: the answer names no price"),
        (bids("-1"), "a bid of -1 USD is none"),
        (Outcome(kind=Kind.SKIPPED, code=ReasonCode.CAP_FULL), "no bid: cap_full"),
    ],
    ids=["late", "no", "no price", "negative", "skipped"],
)
def test_what_is_no_bid_says_why(answer: Outcome, why: str) -> None:
    assert rank(bids("5"), answer) == (["a"], [why])


def test_a_bid_below_the_minimum_loses_and_one_that_meets_it_does_not() -> None:
    least = Money(amount=Decimal("10"), currency="USD")
    order, losers = rank(bids("9.99"), bids("10.00"), minimum=least)
    assert order == ["b"]
    assert losers == ["a bid of 9.99 USD is below the minimum price of 10 USD"]


def test_a_bid_in_another_currency_than_the_minimum_loses_however_high() -> None:
    least = Money(amount=Decimal("10"), currency="USD")
    order, losers = rank(bids("100", "EUR"), bids("11", "usd"), bids("12", ""), minimum=least)
    assert order == ["c", "b"]
    assert losers == ["a bid of 100 EUR is in another currency than USD, in which bids are compared"]


def test_without_a_minimum_the_first_currency_that_is_named_decides() -> None:
    order, losers = rank(bids("5", ""), bids("6", "EUR"), bids("7", "USD"))
    assert order == ["b", "a"]
    assert losers == ["a bid of 7 USD is in another currency than EUR, in which bids are compared"]


def test_a_bid_carries_what_the_post_needs() -> None:
    one = bidder("a")
    (offer,), _ = ranked(Auction(bidders=(one,)), [(one, bids("5", "EUR", "Q-7"))])
    assert offer.bid == Bid(price=Decimal("5"), currency="EUR", reference="Q-7")


def test_a_ping_hands_no_lead_over_whatever_became_of_it() -> None:
    """So that nothing is held for it, and nobody has to resolve it."""
    one = bidder("a")
    assert final(one.ping, LOST).arrived is Arrived.NO
    assert not final(one.ping, LOST).is_unresolved
    assert final(one.post, LOST).is_unresolved
