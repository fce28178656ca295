"""Leads under way are remembered within bounds, and what is forgotten changes nothing."""

import logging
from itertools import chain, zip_longest

import pytest

from leadrelay.core.facts import Entry
from leadrelay.core.lead import TraceContext, uuid7
from leadrelay.telemetry.gallery import Gallery
from telemetry.memory_record import MemoryRecord
from telemetry.story import Story, sold


def lead_id(number: int) -> str:
    return uuid7(1_764_000_000_000, number.to_bytes(10, "big"))


def at_the_same_time(*stories: Story) -> list[Entry]:
    """Their facts in turns."""
    turns = zip_longest(*(story.entries for story in stories))
    return [entry for entry in chain.from_iterable(turns) if entry is not None]


async def drawn(gallery: Gallery, entries: list[Entry]) -> list[bytes]:
    spans = [span for entry in entries for span in await gallery.draw(entry)]
    return [span.SerializeToString(deterministic=True) for span in spans]


async def test_leads_that_are_followed_from_the_start_cost_no_read() -> None:
    entries = at_the_same_time(*(sold(lead_id(number)) for number in range(3)))
    record = MemoryRecord(*entries)
    gallery = Gallery(record.read)
    assert len(await drawn(gallery, entries)) == 15
    assert record.read_leads == []


async def test_a_settled_lead_is_forgotten() -> None:
    entries = sold().entries
    gallery = Gallery(MemoryRecord(*entries).read)
    await drawn(gallery, entries[:-1])
    assert len(gallery) == 1
    await drawn(gallery, entries[-1:])
    assert len(gallery) == 0


async def test_too_many_leads_are_read_again_and_drawn_the_same() -> None:
    entries = at_the_same_time(*(sold(lead_id(number)) for number in range(4)))
    record = MemoryRecord(*entries)
    roomy, narrow = Gallery(record.read), Gallery(record.read, max_weight=10_000)
    assert await drawn(narrow, entries) == await drawn(roomy, entries)
    assert record.read_leads
    assert len(narrow) <= 4


async def test_a_lead_that_fits_nowhere_is_still_drawn() -> None:
    entries = sold().entries
    gallery = Gallery(MemoryRecord(*entries).read, max_weight=0)
    assert len(await drawn(gallery, entries)) == 5
    assert len(gallery) == 0


async def test_facts_before_the_cursor_are_read_when_a_span_needs_them() -> None:
    entries = sold().entries
    record = MemoryRecord(*entries)
    whole = await drawn(Gallery(record.read), entries)
    assert await drawn(Gallery(record.read), entries[2:]) == whole
    assert record.read_leads == [entries[0].lead_id]


async def test_facts_that_come_again_are_drawn_the_same() -> None:
    entries = sold().entries
    gallery = Gallery(MemoryRecord(*entries).read)
    first = await drawn(gallery, entries[:5])
    assert await drawn(gallery, entries[:5]) == first
    assert await drawn(gallery, entries[2:5]) == first  # from the middle: its request is read again


async def test_a_lead_that_cannot_be_drawn_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    broken, sound = sold(lead_id(1), trace=TraceContext(trace_id="none")), sold(lead_id(2))
    entries = at_the_same_time(broken, sound)
    gallery = Gallery(MemoryRecord(*entries).read)
    with caplog.at_level(logging.WARNING):
        assert len(await drawn(gallery, entries)) == 5
    assert f"of lead {lead_id(1)} cannot be drawn" in caplog.text


async def test_a_lead_of_which_nothing_else_is_recorded_is_left_out() -> None:
    entries = sold().entries
    gallery = Gallery(MemoryRecord(*entries[7:]).read)
    assert await drawn(gallery, entries[7:]) == []
