"""The engine in virtual time: real couriers, no waiting, and the same for the same seed."""

import time
from uuid import UUID

from leadrelay.core.catalog import Catalog
from leadrelay.core.facts import DeliveryEnded, Entry, LeadParked, LeadSettled
from leadrelay.core.flow import Flow, Order, Sequence, Step, Waterfall
from leadrelay.core.outcome import Result
from leadrelay.core.retry import Backoff
from leadrelay.journal.memory import MemoryJournal
from leadrelay.runtime.simulation.engine import HORIZON, Arrival, Stage, VirtualClock, simulate
from leadrelay.runtime.simulation.script import Fate, Line, Script
from scripted import YES, company, says
from values import ACCEPTED, MOMENT, a_catalog, a_destination, a_lead, to, waterfall


def arrivals(count: int, every: float = 1.0) -> list[Arrival]:
    leads = (a_lead(lead_id=str(UUID(int=number + 1))) for number in range(count))
    return [Arrival(number * every, lead) for number, lead in enumerate(leads)]


def run(catalog: Catalog, coming: list[Arrival], seed: int = 0, **lines: Line | list[Line]) -> MemoryJournal:
    script = Script({name: [each] if isinstance(each, Line) else each for name, each in lines.items()}, seed)
    leads = {arrival.lead.id: arrival.lead for arrival in coming}
    journal, clock = MemoryJournal(), VirtualClock(MOMENT)
    stage = Stage(
        catalog=catalog,
        company=company(script, leads),
        journal=journal,
        caps=journal.caps,
        clock=clock,
        seed=seed,
    )
    simulate(stage, coming)
    return journal


def settled(journal: MemoryJournal) -> list[Result]:
    lasts = (entries[-1].fact for entries in journal.entries.values())
    return [fact.result for fact in lasts if isinstance(fact, LeadSettled)]


def test_every_lead_goes_through_its_flow_at_its_own_moment() -> None:
    catalog = a_catalog(*map(a_destination, "ab"), step=waterfall(*"ab"))
    journal = run(catalog, arrivals(3), a=Line(fate=Fate.REFUSED), b=says(ACCEPTED, after=5))
    assert settled(journal) == [Result.SUCCESS] * 3
    began = [entries[0].at - MOMENT for entries in journal.entries.values()]
    assert [round(at / 1e9) for at in began] == [0, 1, 2]
    assert all(entries[-1].at - entries[0].at >= 5e9 for entries in journal.entries.values())


def test_days_pass_in_no_time() -> None:
    before = time.monotonic()
    daily = Backoff(attempts=3, first_delay=86_400, max_delay=10**7)
    journal = run(
        a_catalog(a_destination("a", retry=daily)), arrivals(1), a=[Line(fate=Fate.REFUSED, times=2), YES]
    )
    assert settled(journal) == [Result.SUCCESS]
    (entries,) = journal.entries.values()
    assert entries[-1].at - entries[0].at > 2.9 * 86_400e9
    assert time.monotonic() - before < 60


def test_a_lead_that_rests_beyond_the_end_stays_parked() -> None:
    catalog = a_catalog(
        a_destination("a", retry=Backoff(attempts=2, first_delay=2 * HORIZON, max_delay=3 * HORIZON))
    )
    journal = run(catalog, arrivals(1), a=Line(fate=Fate.REFUSED))
    (entries,) = journal.entries.values()
    assert isinstance(entries[-1].fact, LeadParked)


def test_the_same_seed_gives_the_same_facts_at_the_same_times() -> None:
    step = Step(kind=Waterfall(steps=tuple(map(to, "abc")), order=Order.ROUND_ROBIN, name="loans/1"))
    plain = a_catalog(*map(a_destination, "abc"), step=step)
    root = Step(kind=Sequence(steps=(step,)))
    catalog = Catalog(
        version=1,
        destinations=plain.destinations,
        flows={"loans": Flow(name="loans", root=root, rotates=True)},
    )
    drawn = [Line(share=1, after=0.1, until=3), Line(share=1, fate=Fate.REFUSED)]

    def played(seed: int) -> dict[str, list[Entry]]:
        return run(catalog, arrivals(30, 0.0), seed, a=drawn, b=drawn, c=drawn).entries

    assert played(5) == played(5)
    assert played(5) != played(6)


def test_turns_are_dealt_out_in_a_simulation_too() -> None:
    step = Step(kind=Waterfall(steps=tuple(map(to, "abc")), order=Order.ROUND_ROBIN, name="loans/1"))
    plain = a_catalog(*map(a_destination, "abc"))
    flow = Flow(name="loans", root=Step(kind=Sequence(steps=(step,))), rotates=True)
    catalog = Catalog(version=1, destinations=plain.destinations, flows={"loans": flow})
    journal = run(catalog, arrivals(30), a=YES, b=YES, c=YES)
    sold = [
        entry.fact.delivery
        for entries in journal.entries.values()
        for entry in entries
        if isinstance(entry.fact, DeliveryEnded) and entry.fact.outcome.accepted
    ]
    assert sorted(sold) == ["a"] * 10 + ["b"] * 10 + ["c"] * 10
