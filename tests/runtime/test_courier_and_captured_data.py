"""What is kept of a reply, for later steps and after a restart (behaviour 6)."""

from dataclasses import replace

from trio.testing import MockClock

from fakes import Buyer, MemoryJournal, answers
from house import a_house
from leadrelay.core.catalog import Catalog
from leadrelay.core.condition import compile_condition
from leadrelay.core.destination import Destination
from leadrelay.core.facts import DeliveryEnded, Entry, Fact, LeadReceived, decode, encode
from leadrelay.core.flow import Deliver, Sequence, Step
from leadrelay.core.mapping import Rule
from leadrelay.core.outcome import Kind, Outcome, ReasonCode
from leadrelay.core.reading import ReadingSpec, compile_reading
from values import LEAD_ID, MOMENT, a_catalog, a_destination, a_lead

CAPTURE = compile_reading(
    ReadingSpec(
        capture={"id": "lead.id", "score": "lead.score", "tags": "tags", "hot": "hot", "name": "name"}
    )
)
ANSWER = {"lead": {"id": "A-1", "score": 7.5}, "tags": ["a", "b"], "hot": True, "name": None, "more": "x"}
COPIED = tuple(
    Rule(to=name, value=f"{{{{crm.{name}}}}}") for name in ("id", "score", "tags", "hot", "name", "more")
)


def crm() -> Destination:
    return replace(a_destination("crm"), reading=CAPTURE)


def to(delivery: str, when: str = "") -> Step:
    deliver = Deliver(delivery=delivery, destination=delivery.partition("#")[0])
    return Step(kind=deliver, when=compile_condition(when) if when else None)


def a_sequence(*steps: Step) -> Catalog:
    return a_catalog(crm(), a_destination("copy", rules=COPIED), step=Step(kind=Sequence(steps=steps)))


async def test_captured_data_keeps_its_types_in_later_mappings_and_conditions(
    autojump_clock: MockClock,
) -> None:
    copy = Buyer(answers(body={"result": "accepted"}))
    catalog = a_sequence(to("crm"), to("copy", 'crm.score > 7 and crm.hot and appended.crm.id == "a-1"'))
    async with a_house(catalog, {"crm": Buyer(answers(body=ANSWER)), "copy": copy}) as house:
        await house.deliver()
        kept = house.outcomes()["crm"].appended
    assert kept == {"id": "A-1", "score": 7.5, "tags": ["a", "b"], "hot": True}
    assert copy.requests[0].body == b'{"id":"A-1","score":7.5,"tags":["a","b"],"hot":true}'


async def test_a_condition_that_reads_it_says_what_it_read(autojump_clock: MockClock) -> None:
    catalog = a_sequence(to("crm"), to("copy", "crm.score > 8"))
    async with a_house(catalog, {"crm": Buyer(answers(body=ANSWER)), "copy": Buyer()}) as house:
        await house.deliver()
        copy = house.outcomes()["copy"]
    assert (copy.code, copy.words) == (ReasonCode.CONDITION_FALSE, "crm.score > 8 (crm.score is 7.5)")


async def test_a_later_delivery_of_the_same_destination_replaces_it(autojump_clock: MockClock) -> None:
    copy = Buyer(answers(body={"result": "accepted"}))
    twice = Buyer(answers(body=ANSWER), answers(body={"lead": {"id": "A-2"}}))
    async with a_house(a_sequence(to("crm"), to("crm#2"), to("copy")), {"crm": twice, "copy": copy}) as house:
        await house.deliver()
    assert copy.requests[0].body == b'{"id":"A-2"}'


async def test_it_survives_a_restart(autojump_clock: MockClock) -> None:
    """As the journal has it: as JSON."""
    lead, kept = (
        a_lead(),
        Outcome(kind=Kind.SUCCESS, appended={"id": "A-1", "score": 7.5, "tags": ["a"], "hot": True}),
    )
    facts: tuple[Fact, ...] = (
        LeadReceived(lead=lead),
        DeliveryEnded(delivery="crm", destination="crm", outcome=kept, attempts=1),
    )
    journal = MemoryJournal()
    journal.entries[LEAD_ID] = [
        Entry(LEAD_ID, number, MOMENT, decode(*encode(fact))) for number, fact in enumerate(facts, 1)
    ]
    copy = Buyer(answers(body={"result": "accepted"}))
    catalog = a_sequence(to("crm"), to("copy", "crm.score == 7.5"))
    async with a_house(catalog, {"crm": Buyer(), "copy": copy}, journal=journal) as house:
        assert await house.intake.resume() == 1
        await house.settled(LEAD_ID)
    assert copy.requests[0].body == b'{"id":"A-1","score":7.5,"tags":["a"],"hot":true}'
