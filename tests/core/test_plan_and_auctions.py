"""Auctions in a flow: pings at once, posts down the bids, and nothing sold by a ping (behaviour 5)."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from leadrelay.core.condition import compile_condition
from leadrelay.core.flow import (
    Auction,
    Bidder,
    Branch,
    Deliver,
    Flow,
    Parallel,
    Sequence,
    Step,
    Waterfall,
)
from leadrelay.core.outcome import Arrived, Bid, Kind, Money, Outcome, ReasonCode, Result
from leadrelay.core.plan import Plan, plan
from leadrelay.core.settlement import Settlement
from values import a_lead, to

SOLD = Outcome(kind=Kind.SUCCESS, price=Decimal("9"), currency="USD")
NO = Outcome(kind=Kind.HARD_REJECT, code=ReasonCode.DUPLICATE, words="Duplicate lead")
LOST = Outcome(kind=Kind.TIMEOUT, code=ReasonCode.TIMEOUT_RESPONSE, arrived=Arrived.UNKNOWN)


def bidder(name: str, *, when: str = "") -> Bidder:
    return Bidder(
        ping=Deliver(delivery=f"ask_{name}", destination=f"ask_{name}", bid_within=3),
        post=Deliver(delivery=name, destination=name),
        when=compile_condition(when) if when else None,
    )


def auction(*bidders: Bidder, stop_after: int = 1, minimum: Money | None = None) -> Step:
    return Step(kind=Auction(bidders=bidders, stop_after=stop_after, minimum=minimum))


def three(stop_after: int = 1) -> Flow:
    return flow(auction(bidder("a"), bidder("b"), bidder("c"), stop_after=stop_after))


def flow(*steps: Step) -> Flow:
    return Flow(name="loans", root=Step(kind=Sequence(steps=steps)))


def bids(price: str, reference: str = "") -> Outcome:
    return Outcome(kind=Kind.SUCCESS, price=Decimal(price), currency="USD", reference=reference)


BIDS = {"ask_a": bids("10", "Q-1"), "ask_b": bids("30", "Q-2"), "ask_c": bids("20", "Q-3")}


def decide(tree: Flow, answers: Mapping[str, Outcome], **fields: str) -> Plan:
    return plan(tree, a_lead(**fields), answers, sensitive=frozenset({"ssn"}))


def starts(decided: Plan) -> list[str]:
    return [start.deliver.delivery for start in decided.start]


def skips(decided: Plan) -> dict[str, tuple[ReasonCode | None, str]]:
    return {skip.deliver.delivery: (skip.outcome.code, skip.outcome.words) for skip in decided.skip}


def settled(decided: Plan) -> Settlement:
    assert decided.settled is not None
    return decided.settled


def test_all_are_pinged_at_once_and_nobody_is_posted_to_before_the_last_has_answered() -> None:
    assert starts(decide(three(), {})) == ["ask_a", "ask_b", "ask_c"]
    assert starts(decide(three(), {"ask_b": bids("30")})) == ["ask_a", "ask_c"]
    assert starts(decide(three(), BIDS)) == ["b"]


def test_the_post_knows_the_bid_that_won_and_what_the_ping_answered() -> None:
    (start,) = decide(three(), BIDS).start
    assert start.bid == Bid(price=Decimal("30"), currency="USD", reference="Q-2")
    assert start.sees == ("ask_a", "ask_b", "ask_c")


def test_after_a_no_the_next_highest_bid_is_next() -> None:
    assert starts(decide(three(), BIDS | {"b": NO})) == ["c"]
    assert starts(decide(three(), BIDS | {"b": NO, "c": NO})) == ["a"]


def test_losers_hear_who_won_and_not_for_how_much() -> None:
    decided = decide(three(), BIDS | {"b": SOLD})
    outbid = (ReasonCode.AUCTION_LOST, "outbid: sold to b")
    assert skips(decided) == {"a": outbid, "c": outbid}
    assert settled(decided).result is Result.SUCCESS


def test_a_bid_is_no_sale_and_books_no_revenue() -> None:
    end = settled(decide(three(), BIDS | {"b": SOLD}))
    assert (end.accepted, end.reason) == (1, "accepted by b")
    assert end.revenue == (Money(amount=Decimal("9"), currency="USD"),)
    refused = settled(decide(three(), BIDS | dict.fromkeys("abc", NO)))
    assert (refused.result, refused.accepted, refused.revenue) == (Result.FAILURE, 0, ())


def test_an_auction_sells_as_often_as_it_is_told() -> None:
    assert starts(decide(three(stop_after=2), BIDS | {"b": SOLD})) == ["c"]
    decided = decide(three(stop_after=2), BIDS | {"b": SOLD, "c": SOLD})
    assert skips(decided) == {"a": (ReasonCode.AUCTION_LOST, "outbid: sold to b, c")}
    assert settled(decided).accepted == 2


def test_a_post_that_may_have_arrived_holds_the_lead() -> None:
    """Behaviour 4.5: the bids further down wait."""
    end = settled(decide(three(), BIDS | {"b": LOST}))
    assert (end.result, end.waiting) == (Result.UNRESOLVED, ("c", "a"))


def test_where_nobody_bids_it_is_a_failure_that_says_why_of_each() -> None:
    late = Outcome(kind=Kind.TIMEOUT, code=ReasonCode.TIMEOUT_TOTAL, words="no bid within 3 s")
    decided = decide(three(), {"ask_a": NO, "ask_b": late, "ask_c": Outcome(kind=Kind.SUCCESS)})
    end = settled(decided)
    assert end.result is Result.FAILURE
    assert end.reason == (
        "ask_a: no bid: Duplicate lead; ask_b: no bid: no bid within 3 s; "
        "ask_c: no bid: the answer names no price"
    )
    assert {code for code, _ in skips(decided).values()} == {ReasonCode.AUCTION_LOST}


def test_a_required_auction_in_which_nobody_bids_fails_as_any_other_and_says_it_once() -> None:
    late = Outcome(kind=Kind.TIMEOUT, code=ReasonCode.TIMEOUT_TOTAL, words="no bid within 3 s")
    required = replace(auction(bidder("a"), bidder("b")), required=True)
    both = flow(Step(kind=Parallel(steps=(required, Step(kind=Deliver(delivery="crm", destination="crm"))))))
    end = settled(decide(both, {"ask_a": NO, "ask_b": late, "crm": SOLD}))
    assert end.result is Result.FAILURE
    assert end.reason == "ask_a: no bid: Duplicate lead; ask_b: no bid: no bid within 3 s"


def test_a_bidder_whose_condition_does_not_hold_is_not_asked() -> None:
    tree = flow(auction(bidder("a", when="loan_amount > 5"), bidder("b")))
    decided = decide(tree, {}, loan_amount="3")
    assert starts(decided) == ["ask_b"]
    why = (ReasonCode.CONDITION_FALSE, "loan_amount > 5 (loan_amount is 3)")
    assert skips(decided) == {"ask_a": why, "a": why}


def test_an_auction_in_which_nobody_may_take_part_fails() -> None:
    tree = flow(auction(bidder("a", when="loan_amount > 5")))
    end = settled(decide(tree, {}, loan_amount="3"))
    assert (end.result, end.reason) == (Result.FAILURE, "nobody was asked to bid")


def test_a_waterfall_goes_on_where_an_auction_finds_no_buyer_and_stops_where_it_does() -> None:
    tree = flow(Step(kind=Waterfall(steps=(auction(bidder("a"), bidder("b")), to("last")))))
    answers = {"ask_a": bids("10"), "ask_b": NO}
    assert starts(decide(tree, answers)) == ["a"]
    assert starts(decide(tree, answers | {"a": NO})) == ["last"]
    assert skips(decide(tree, answers | {"a": SOLD}))["last"] == (ReasonCode.ALREADY_SOLD, "sold to a")
    assert starts(decide(tree, {"ask_a": NO, "ask_b": NO})) == ["last"]


def test_an_auction_in_a_waterfall_sells_no_more_often_than_that_may() -> None:
    tree = flow(
        Step(
            kind=Waterfall(steps=(to("first"), auction(bidder("a"), bidder("b"), stop_after=2)), stop_after=2)
        )
    )
    answers = {"first": SOLD, "ask_a": bids("1"), "ask_b": bids("2")}
    assert starts(decide(tree, answers | {"b": SOLD})) == []
    assert settled(decide(tree, answers | {"b": SOLD})).accepted == 2


def test_a_later_step_may_ask_for_the_outcome_of_a_ping_and_of_a_post() -> None:
    arms = ((compile_condition('ask_a.price > 5 and a.outcome == "hard_reject"'), to("then")),)
    tree = flow(auction(bidder("a")), Step(kind=Branch(arms=arms, otherwise=to("else"))))
    assert starts(decide(tree, {"ask_a": bids("10"), "a": NO})) == ["then"]
    assert starts(decide(tree, {"ask_a": bids("10"), "a": SOLD})) == ["else"]


def test_an_auction_beside_others_waits_for_nobody() -> None:
    tree = flow(Step(kind=Parallel(steps=(auction(bidder("a")), to("copy")))))
    assert starts(decide(tree, {})) == ["ask_a", "copy"]
    assert starts(decide(tree, {"ask_a": bids("1")})) == ["a", "copy"]


@pytest.mark.parametrize("stop_after", [1, 2, 3])
def test_an_unknown_answer_after_a_sale_holds_only_what_could_still_be_sold(stop_after: int) -> None:
    """With a sale and one unknown, a third buyer might be one too many."""
    both = Step(kind=Parallel(steps=(to("a"), to("b"))))
    tree = flow(Step(kind=Waterfall(steps=(both, to("c")), stop_after=stop_after)))
    decided = decide(tree, {"a": SOLD, "b": LOST})
    assert starts(decided) == []
    assert settled(decided).waiting == (() if stop_after == 1 else ("c",))
    assert settled(decided).result is Result.SUCCESS
