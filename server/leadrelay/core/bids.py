"""Which answers to an auction's pings are bids, and which of them wins (behaviour 5).

A bid is an accepted ping that names a price. The reasons of those who lost say what they bid
themselves and who won, never what somebody else bid.
"""

from dataclasses import dataclass, replace

from leadrelay.core.flow import Auction, Bidder, Deliver
from leadrelay.core.outcome import Arrived, Bid, Money, Outcome


@dataclass(frozen=True, slots=True)
class Offer:
    """A bid that stands, and who made it."""

    bidder: Bidder
    bid: Bid


@dataclass(frozen=True, slots=True)
class Loser:
    """A bidder that will not get the lead, and why."""

    bidder: Bidder
    why: str


def final(deliver: Deliver, outcome: Outcome) -> Outcome:
    """A delivery's last word. A ping hands no lead over, so whatever became of it, nobody has the lead."""
    if deliver.is_ping and outcome.is_unresolved:
        return replace(outcome, arrived=Arrived.NO)
    return outcome


def ranked(auction: Auction, answers: list[tuple[Bidder, Outcome]]) -> tuple[list[Offer], list[Loser]]:
    """The bids from the highest down, as listed where they are equal, and those that are none.

    `answers` are those to the pings, in the order of the listing.
    """
    currency = _currency(auction, answers)
    offers: list[Offer] = []
    losers: list[Loser] = []
    for bidder, answer in answers:
        why = _why_none(answer, auction.minimum, currency)
        if why or answer.price is None:
            losers.append(Loser(bidder, why))
        else:
            bid = Bid(price=answer.price, currency=answer.currency or currency, reference=answer.reference)
            offers.append(Offer(bidder, bid))
    offers.sort(key=lambda offer: offer.bid.price, reverse=True)
    return offers, losers


def _currency(auction: Auction, answers: list[tuple[Bidder, Outcome]]) -> str:
    """That of the minimum price; without one, that of the first bid in the listing that names one."""
    if auction.minimum is not None and auction.minimum.currency:
        return auction.minimum.currency
    named = (answer.currency for _, answer in answers if answer.accepted and answer.price is not None)
    return next((currency for currency in named if currency), "")


def _why_none(answer: Outcome, minimum: Money | None, currency: str) -> str:
    """Why an answer is no bid that stands; empty where it is one."""
    if not answer.accepted:
        return f"no bid: {answer.words or answer.code or answer.kind}"
    if answer.price is None:
        return "no bid: the answer names no price"
    bid = f"{answer.price} {answer.currency}".rstrip()
    if answer.price < 0:
        return f"a bid of {bid} is none"
    if answer.currency and currency and answer.currency.upper() != currency.upper():
        return f"a bid of {bid} is in another currency than {currency}, in which bids are compared"
    if minimum is not None and answer.price < minimum.amount:
        least = f"{minimum.amount} {minimum.currency}".rstrip()
        return f"a bid of {bid} is below the minimum price of {least}"
    return ""
