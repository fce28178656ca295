"""Auctions: who is asked, how long, and for how much at least (behaviour 5)."""

from decimal import Decimal

import pytest

from catalog_texts import loaded, of_flow, refused, warned
from leadrelay.core.flow import Auction, Sequence
from leadrelay.core.outcome import Money

BIDDERS = "bidders: [{ping: a, post: b}]"


def auction(keys: str) -> Auction:
    root = loaded(of_flow(f"- auction: {{{keys}}}")).catalog.flows["f"].root.kind
    assert isinstance(root, Sequence)
    (step,) = root.steps
    assert isinstance(step.kind, Auction)
    return step.kind


def test_compiles_what_it_says() -> None:
    compiled = auction(
        "bidders: [{ping: a, post: b, when: loan_amount > 5}, {ping: b, post: a}], bid_within: 1500ms, "
        'minimum_price: {amount: "12.50", currency: USD}, stop_after: 2'
    )
    first, second = compiled.bidders
    assert (first.ping.delivery, first.ping.bid_within, first.ping.is_ping) == ("a", 1.5, True)
    assert (first.post.delivery, first.post.bid_within, first.post.is_ping) == ("b", None, False)
    assert (second.ping.delivery, second.post.delivery) == ("b#2", "a#2")
    assert first.when is not None
    assert first.when.source == "loan_amount > 5"
    assert second.when is None
    assert compiled.minimum == Money(amount=Decimal("12.50"), currency="USD")
    assert compiled.stop_after == 2


def test_what_it_does_not_say() -> None:
    compiled = auction(BIDDERS)
    assert (compiled.minimum, compiled.stop_after) == (None, 1)
    assert compiled.bidders[0].ping.bid_within == 3


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ("", ": has no bidders; write `bidders: [{ping: ..., post: ...}]`"),
        ("bidders: [{post: a}]", ".bidders[0]: needs `ping`, the name of a destination"),
        ("bidders: [{ping: a}]", ".bidders[0]: needs `post`, the name of a destination"),
        (
            "bidders: [{ping: c, post: a}]",
            ".bidders[0].ping: there is no destination `c`; there are: `a`, `b`",
        ),
        ("bidders: [{ping: a, post: b, when: 'state ='}]", ".bidders[0].when: at column 7 of this"),
        (f"{BIDDERS}, bid_within: 0s", ".bid_within: must be more than zero"),
        (f"{BIDDERS}, bid_within: -1s", ".bid_within: "),
        (f"{BIDDERS}, minimum_price: {{amount: '-1'}}", ".minimum_price.amount: is negative; nobody pays"),
        (
            f"{BIDDERS}, minimum_price: {{amount: ten}}",
            ".minimum_price.amount: `ten` is no amount; write",
        ),
        (f"{BIDDERS}, minimum_price: {{currency: USD}}", ".minimum_price.amount: is missing"),
        (
            f"{BIDDERS}, minimum_price: {{amount: '1', currency: dollars}}",
            ".minimum_price.currency: `dollars` is no currency; write its ISO 4217 code, such as USD",
        ),
    ],
)
def test_says_what_is_wrong(keys: str, problem: str) -> None:
    (found,) = refused(of_flow(f"- auction: {{{keys}}}"))
    assert found.startswith(f"c.yaml:7: flows[f].steps[0].auction{problem}")


@pytest.mark.parametrize(
    ("keys", "warning"),
    [
        (f"{BIDDERS}, stop_after: 2", ".stop_after: it can be sold 1 times at most, once for each bidder"),
        (
            "bidders: [{ping: a, post: b}, {ping: b, post: b}]",
            ".bidders[1].post: is also who is pinged, so that the lead is sent there twice in the same way",
        ),
    ],
)
def test_warns_of_what_hardly_anybody_means(keys: str, warning: str) -> None:
    assert warned(of_flow(f"- auction: {{{keys}}}")) == [f"c.yaml:7: flows[f].steps[0].auction{warning}"]


def test_who_is_pinged_or_posted_to_is_used() -> None:
    assert not any("no flow delivers to it" in each for each in warned(of_flow(f"- auction: {{{BIDDERS}}}")))
