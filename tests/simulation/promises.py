"""What must hold in every world, whatever went wrong in it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

from leadrelay.core.facts import (
    AttemptEnded,
    AttemptStarted,
    DeliveryEnded,
    Entry,
    Fact,
    LeadReceived,
    LeadSettled,
)
from leadrelay.core.flow import Auction, Branch, Deliver, Step, Waterfall, children, deliveries
from leadrelay.core.standing import Tried, standing
from simulation.market import delivery_of
from simulation.world import World


def broken(world: World) -> list[str]:
    """Every promise that was not kept, in words."""
    found = [f"{key} left before its start was durable" for key in world.market.unannounced]
    lost = (lead_id for lead_id in world.accepted if not _is_settled(world, lead_id))
    found += [f"lead {lead_id} was accepted and is lost" for lead_id in lost]
    found += _over_a_cap(world)
    for lead_id, entries in world.journal.entries.items():
        facts = [entry.fact for entry in entries]
        for words in [
            *_ill_formed(entries),
            *_not_once(world, facts),
            *_sold_too_often(world, lead_id),
            *_misreported(world, lead_id, facts),
            *_resent(world, lead_id, facts),
        ]:
            found.append(f"lead {lead_id}: {words}")
    return found


def _over_a_cap(world: World) -> Iterator[str]:
    """By what the recipients know: each delivery has a destination of its own here. Bids are no sales.

    Each sale counts on the day on which the lead was sent.
    """
    pings = {deliver.delivery for deliver in world.flow.deliveries() if deliver.is_ping}
    days = {
        f"{lead_id}-{entry.fact.delivery}": claim.period
        for lead_id, entries in world.journal.entries.items()
        for entry in entries
        if isinstance(entry.fact, AttemptStarted)
        for claim in entry.fact.claims
    }
    bought = Counter((delivery_of(key), days.get(key)) for key in world.market.bought)
    for (name, day), number in bought.items():
        limits = world.catalog.destinations[name].limits
        for cap in () if limits is None else limits.caps:
            if cap.count is not None and number > cap.count and name not in pings:
                yield f"{name} bought {number} leads on {day}, {cap.count} at most"


def broken_after_resolving(world: World) -> list[str]:
    """What must hold as well once somebody has said what became of every lead that rested."""
    found = list(_over_a_cap(world))
    for lead_id, entries in world.journal.entries.items():
        facts, state = [entry.fact for entry in entries], standing(entries)
        assert state is not None
        last = facts[-1]
        if not isinstance(last, LeadSettled) or last.waiting:
            found.append(f"lead {lead_id}: it still rests")
            continue
        if [entry.number for entry in entries] != list(range(1, len(entries) + 1)):
            found.append(f"lead {lead_id}: its facts are not numbered one after the other")
        told = {name for name, each in state.deliveries.items() if _is_sale(each)}
        known = {name for name in state.deliveries if f"{lead_id}-{name}" in world.market.bought}
        known -= {name for name, each in state.deliveries.items() if each.is_ping}
        if told != known:
            found.append(f"lead {lead_id}: told as sold to {sorted(told)}, bought by {sorted(known)}")
        if last.accepted != len(told):
            found.append(f"lead {lead_id}: {last.accepted} sales are told, and there are {len(told)}")
        found += [f"lead {lead_id}: {words}" for words in _sold_too_often(world, lead_id)]
        ended = Counter(fact.delivery for fact in facts if isinstance(fact, DeliveryEnded))
        found += [f"lead {lead_id}: {name} ended {times} times" for name, times in ended.items() if times > 1]
    return found


def _is_sale(tried: Tried) -> bool:
    return tried.final is not None and tried.final.accepted and not tried.is_ping


def _is_settled(world: World, lead_id: str) -> bool:
    entries = world.journal.entries.get(lead_id)
    return entries is not None and isinstance(entries[-1].fact, LeadSettled)


def _ill_formed(entries: Sequence[Entry]) -> Iterator[str]:
    """Numbers without a gap, and everything after what it follows from."""
    if [entry.number for entry in entries] != list(range(1, len(entries) + 1)):
        yield "its facts are not numbered one after the other"
    if not isinstance(entries[0].fact, LeadReceived):
        yield "its first fact is not its receipt"
    if sum(isinstance(entry.fact, LeadSettled) for entry in entries) != 1:
        yield "it has not settled once"
    if not isinstance(entries[-1].fact, LeadSettled):
        yield "something came after it had settled"
    yield from _attempts_out_of_order([entry.fact for entry in entries])


def _attempts_out_of_order(facts: Sequence[Fact]) -> Iterator[str]:
    started: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    over: set[str] = set()
    for fact in facts:
        match fact:
            case AttemptStarted():
                started[fact.delivery] += 1
                if fact.attempt != started[fact.delivery] or ended[fact.delivery] != fact.attempt - 1:
                    yield f"{fact.delivery}: attempt {fact.attempt} began out of order"
                if fact.delivery in over:
                    yield f"{fact.delivery}: an attempt began after the delivery had ended"
            case AttemptEnded():
                ended[fact.delivery] += 1
                if fact.attempt != started[fact.delivery] or ended[fact.delivery] != fact.attempt:
                    yield f"{fact.delivery}: attempt {fact.attempt} ended out of order"
            case DeliveryEnded():
                over.add(fact.delivery)
                if started[fact.delivery] != ended[fact.delivery]:
                    yield f"{fact.delivery}: ended with an attempt under way"


def _not_once(world: World, facts: Sequence[Fact]) -> Iterator[str]:
    """Every delivery has one outcome, or waits for one to be resolved."""
    outcomes = Counter(fact.delivery for fact in facts if isinstance(fact, DeliveryEnded))
    waiting = {name for fact in facts if isinstance(fact, LeadSettled) for name in fact.waiting}
    for deliver in world.flow.deliveries():
        times = outcomes[deliver.delivery] + (deliver.delivery in waiting)
        if times != 1:
            yield f"{deliver.delivery} ended {times} times"


def _sold_too_often(world: World, lead_id: str) -> Iterator[str]:
    """By what the recipients know, not by what they told us."""

    def bought(deliver: Deliver) -> bool:
        return not deliver.is_ping and f"{lead_id}-{deliver.delivery}" in world.market.bought

    for step in _below(world.flow.root):
        if isinstance(step.kind, Waterfall | Auction) and _is_narrow(step):
            names = [deliver.delivery for deliver in deliveries(step) if bought(deliver)]
            if len(names) > step.kind.stop_after:
                yield f"was sold to {', '.join(names)}, {step.kind.stop_after} at most"


def _misreported(world: World, lead_id: str, facts: Sequence[Fact]) -> Iterator[str]:
    """What is told as a sale is one, and money is that of the sales that are told."""
    ended = [fact for fact in facts if isinstance(fact, DeliveryEnded)]
    told = Decimal()
    for fact in ended:
        if not fact.outcome.accepted:
            continue
        paid = world.market.bought.get(f"{lead_id}-{fact.delivery}")
        if paid is None:
            yield f"{fact.delivery} is told to have bought it, and has not"
        elif not fact.is_ping and fact.outcome.price is not None:
            told += fact.outcome.price
            if fact.outcome.price not in (Decimal(paid), _bid(world, ended, fact.delivery)):
                yield f"{fact.delivery} paid {paid}, and {fact.outcome.price} is told"
    for settled in facts:
        if isinstance(settled, LeadSettled):
            revenue = sum((each.amount for each in settled.revenue), Decimal())
            if revenue != told:
                yield f"a revenue of {revenue} is told, and sales of {told} are"


def _bid(world: World, ended: Sequence[DeliveryEnded], post: str) -> Decimal | None:
    """What was bid for a post: what it pays where its own answer names no price, such as a duplicate."""
    auctions = [step.kind for step in _below(world.flow.root) if isinstance(step.kind, Auction)]
    pings = {each.post.delivery: each.ping.delivery for auction in auctions for each in auction.bidders}
    return next((fact.outcome.price for fact in ended if fact.delivery == pings.get(post)), None)


def _resent(world: World, lead_id: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Nothing that may have arrived is sent again, but where the recipient honours the key or was asked."""
    pings = {deliver.delivery for deliver in world.flow.deliveries() if deliver.is_ping}
    doubtful: set[str] = set()
    for fact in facts:
        if isinstance(fact, AttemptStarted) and fact.delivery in doubtful:
            yield f"{fact.delivery} was sent again although it may have arrived"
        if isinstance(fact, AttemptEnded) and fact.delivery not in pings:
            policy = world.catalog.destinations[fact.destination].when_unknown
            if policy == "hold" and fact.outcome.is_unresolved:
                doubtful.add(fact.delivery)


def _below(step: Step) -> Iterator[Step]:
    yield step
    for child in children(step):
        yield from _below(child)


def _is_narrow(step: Step) -> bool:
    """Whether nothing below it delivers to several whatever they answer."""
    narrow = (Deliver, Waterfall, Auction, Branch)
    return all(isinstance(each.kind, narrow) for each in _below(step))
