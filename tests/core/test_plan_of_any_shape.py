"""What holds for every flow, every lead, every answer and every order in which answers come (behaviour 5)."""

from collections.abc import Mapping
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.flow import Auction, Deliver, Flow, Step, Waterfall, deliveries
from leadrelay.core.lead import Lead
from leadrelay.core.outcome import Outcome, Result
from trees import Way, flows, leads, outcomes, steps_of, walk

Said = Mapping[str, Outcome]
arrivals = st.integers(0, 2**32).map(Random)
pairs = st.tuples(arrivals, arrivals)


def names(flow: Flow) -> list[str]:
    return [deliver.delivery for deliver in flow.deliveries()]


def sold_below(way: Way, step: Step) -> int:
    return sum(has_sold(way, deliver) for deliver in deliveries(step))


def has_sold(way: Way, deliver: Deliver) -> bool:
    answer = way.answers.get(deliver.delivery)
    return answer is not None and answer.accepted and not deliver.is_ping


@given(flow=flows(), lead=leads, said=outcomes, arrival=arrivals)
def test_every_delivery_ends_in_exactly_one_way(flow: Flow, lead: Lead, said: Said, arrival: Random) -> None:
    """It has an outcome, of its own or that of having been skipped, or it waits for somebody to resolve."""
    way = walk(flow, lead, said, arrival)
    waiting = way.settled.waiting
    assert sorted([*way.answers, *waiting]) == sorted(names(flow))
    skips = [skip.deliver.delivery for decided in way.plans for skip in decided.skip]
    assert len(skips) == len(set(skips))
    assert way.tried.isdisjoint([*skips, *waiting])


@given(flow=flows(), lead=leads, said=outcomes, arrival=arrivals)
def test_what_is_begun_stays_begun_until_it_is_answered(
    flow: Flow, lead: Lead, said: Said, arrival: Random
) -> None:
    """The plan only grows: a courier may act on it at once."""
    way = walk(flow, lead, said, arrival)
    answered: set[str] = set()
    begun: set[str] = set()
    for decided in way.plans:
        now = {start.deliver.delivery for start in decided.start}
        answered |= {skip.deliver.delivery for skip in decided.skip}
        assert begun - now <= set(way.answers)
        assert not now & answered
        begun |= now


@given(flow=flows(), lead=leads, said=outcomes, arrival=arrivals)
def test_after_the_settlement_nothing_begins_and_nothing_changes(
    flow: Flow, lead: Lead, said: Said, arrival: Random
) -> None:
    way = walk(flow, lead, said, arrival)
    again = way.decide()
    assert (again.start, again.skip) == ((), ())
    assert again.settled == way.settled


@given(
    flow=flows(), lead=leads, said=outcomes, arrivals=st.tuples(arrivals, arrivals), turn=st.integers(1, 7)
)
def test_the_order_in_which_answers_come_changes_no_answer(
    flow: Flow, lead: Lead, said: Said, arrivals: tuple[Random, Random], turn: int
) -> None:
    """No step sees what runs beside it, so that two runs with the same answers end alike."""
    first, second = (walk(flow, lead, said, arrival, turn) for arrival in arrivals)
    assert first.answers == second.answers
    assert first.settled == second.settled


@given(flow=flows(), lead=leads, said=outcomes, arrival=arrivals, cut=st.integers(0, 20))
def test_a_restart_at_any_moment_goes_on_as_if_nothing_had_happened(
    flow: Flow, lead: Lead, said: Said, arrival: Random, cut: int
) -> None:
    """The same answers give the same plan, also from a copy of the flow."""
    way = walk(flow, lead, said, arrival)
    kept = dict(list(way.answers.items())[:cut])
    half, other = Way(flow, lead, answers=dict(kept)), Way(flow, lead, answers=dict(reversed(kept.items())))
    half.turns = other.turns = way.turns
    assert half.decide() == other.decide()


@given(flow=flows(is_narrow=True), lead=leads, said=outcomes, arrival=arrivals)
def test_no_waterfall_and_no_auction_sells_more_often_than_it_is_told(
    flow: Flow, lead: Lead, said: Said, arrival: Random
) -> None:
    way = walk(flow, lead, said, arrival)
    for step in steps_of(flow):
        if isinstance(step.kind, Waterfall | Auction):
            assert sold_below(way, step) <= step.kind.stop_after


@given(flow=flows(is_narrow=True), lead=leads, said=outcomes, arrival=arrivals)
def test_a_lead_that_may_have_arrived_counts_as_sold_until_somebody_says(
    flow: Flow, lead: Lead, said: Said, arrival: Random
) -> None:
    """Behaviour 4.5: sales and unknowns that hold it are together no more than what may be sold."""
    way = walk(flow, lead, said, arrival)
    for step in steps_of(flow):
        if isinstance(step.kind, Waterfall | Auction):
            held = [
                each
                for each in deliveries(step)
                if each.holds_unknown and not each.is_ping and _is_unknown(way, each)
            ]
            assert len(held) <= 1
            assert sold_below(way, step) + len(held) <= step.kind.stop_after


def _is_unknown(way: Way, deliver: Deliver) -> bool:
    answer = way.answers.get(deliver.delivery)
    return answer is not None and answer.is_unresolved


@given(flow=flows(), lead=leads, said=outcomes, arrival=arrivals)
def test_the_books_are_of_sales_alone(flow: Flow, lead: Lead, said: Said, arrival: Random) -> None:
    way = walk(flow, lead, said, arrival)
    sold = [deliver for deliver in flow.deliveries() if has_sold(way, deliver)]
    assert way.settled.accepted == len(sold)
    assert bool(way.settled.revenue) <= bool(sold)
    if way.settled.result is Result.SUCCESS:
        assert sold
    if not sold:
        assert way.settled.result is not Result.SUCCESS
    assert way.settled.reason


@given(flow=flows(), lead=leads, said=outcomes, arrival=arrivals)
def test_an_auction_posts_to_nobody_before_all_pings_have_answered(
    flow: Flow, lead: Lead, said: Said, arrival: Random
) -> None:
    way = walk(flow, lead, said, arrival)
    auctions = [step.kind for step in steps_of(flow) if isinstance(step.kind, Auction)]
    for decided in way.plans:
        begun = {start.deliver.delivery for start in decided.start}
        for auction in auctions:
            pings = {bidder.ping.delivery for bidder in auction.bidders}
            posts = {bidder.post.delivery for bidder in auction.bidders}
            assert not (begun & pings and begun & posts)
            assert len(begun & posts) <= 1
