"""Parked leads come back when they are due, and until then cost nothing (behaviour 4.4)."""

from collections.abc import Sequence
from typing import Self

import pytest
import trio
import trio.lowlevel
from trio.testing import MockClock

from fakes import MemoryJournal, TrioClock
from leadrelay.core.errors import JournalError
from leadrelay.core.ports import NEVER_DUE, Due
from leadrelay.runtime.waker import HORIZON, PAGE, Waker
from values import MOMENT


def at(seconds: float) -> int:
    return MOMENT + round(seconds * 1e9)


def due(seconds: float, name: str = "x") -> Due:
    return at(seconds), f"{name}-{seconds:g}"


class Parked(MemoryJournal):
    """A journal of which only the list of parked leads matters."""

    def __init__(self, leads: Sequence[Due]) -> None:
        super().__init__()
        self.leads = sorted(leads)
        self.largest_page = 0
        self.is_unreadable = False

    async def due(self, after: Due = NEVER_DUE, limit: int = 1000) -> list[Due]:
        await trio.lowlevel.checkpoint()
        if self.is_unreadable:
            raise JournalError("the disk is gone")
        page = [lead for lead in self.leads if lead > after][:limit]
        self.largest_page = max(self.largest_page, len(page))
        return page


class Bell:
    """Remembers whom it woke, and when; `fails` are leads that cannot be read yet."""

    def __init__(self, fails: Sequence[str] = ()) -> None:
        self.rung: list[tuple[str, float]] = []
        self.fails = set(fails)

    async def wake(self, lead_id: str) -> None:
        await trio.lowlevel.checkpoint()
        if lead_id in self.fails:
            raise JournalError(f"lead {lead_id} cannot be read")
        self.rung.append((lead_id, trio.current_time()))

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.rung]


class Watch:
    """A waker in a test's nursery."""

    def __init__(self, journal: Parked, bell: Bell) -> None:
        self.waker = Waker(journal, TrioClock(), bell.wake)
        self._nursery = trio.open_nursery()

    async def __aenter__(self) -> Self:
        self._inner = await self._nursery.__aenter__()
        self._inner.start_soon(self.waker.run)
        return self

    async def __aexit__(self, *error: object) -> None:
        self._inner.cancel_scope.cancel()
        await self._nursery.__aexit__(*error)  # type: ignore[arg-type]


async def test_each_lead_is_woken_at_its_moment_and_in_that_order(autojump_clock: MockClock) -> None:
    journal, bell = Parked([due(500), due(3), due(90), due(3.5)]), Bell()
    async with Watch(journal, bell):
        await trio.sleep(1000)
    assert bell.names == ["x-3", "x-3.5", "x-90", "x-500"]
    assert [moment for _, moment in bell.rung] == pytest.approx([3, 3.5, 90, 500], abs=0.1)


async def test_what_was_due_while_we_were_away_is_woken_at_once(autojump_clock: MockClock) -> None:
    journal, bell = Parked([due(-5), due(-3600)]), Bell()
    async with Watch(journal, bell):
        await trio.sleep(1)
    assert bell.names == ["x--3600", "x--5"]


async def test_a_lead_that_is_parked_meanwhile_is_woken_before_those_that_are_due_later(
    autojump_clock: MockClock,
) -> None:
    journal, bell = Parked([due(1), due(50)]), Bell()
    async with Watch(journal, bell) as watch:
        await trio.sleep(10)
        for seconds in (20, 9.5):  # the second one is due already, and before one that was woken later
            journal.leads = sorted([*journal.leads, due(seconds, "new")])
            watch.waker.parked(at(seconds))
        await trio.sleep(60)
    assert bell.names == ["x-1", "new-9.5", "new-20", "x-50"]


async def test_a_lead_parked_again_for_a_moment_that_has_passed_is_not_missed(
    autojump_clock: MockClock,
) -> None:
    """While others are being woken, so that the place that was reached lies beyond it."""
    journal = Parked([due(0, f"{number:04}") for number in range(3 * PAGE)])
    bell = Bell()
    async with Watch(journal, bell) as watch:
        while len(bell.rung) < PAGE + 5:
            await trio.lowlevel.checkpoint()
        journal.leads = sorted([*journal.leads, due(-10, "early")])
        watch.waker.parked(at(-10))
        await trio.sleep(5)
    assert "early--10" in bell.names


async def test_no_more_than_a_page_is_known_ahead(autojump_clock: MockClock) -> None:
    journal = Parked([due(number / 100, "n") for number in range(10 * PAGE)])
    bell = Bell()
    async with Watch(journal, bell):
        await trio.sleep(10 * PAGE)
    assert len(bell.rung) == 10 * PAGE
    assert journal.largest_page == PAGE


async def test_a_wall_clock_that_is_set_forward_is_noticed(autojump_clock: MockClock) -> None:
    class Jumping(TrioClock):
        ahead = 0

        def now(self) -> int:
            return super().now() + self.ahead

    journal, bell, clock = Parked([due(86_400)]), Bell(), Jumping()
    waker = Waker(journal, clock, bell.wake)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(waker.run)
        await trio.sleep(10)
        clock.ahead = at(86_400) - MOMENT
        await trio.sleep(HORIZON + 1)
        nursery.cancel_scope.cancel()
    assert bell.names == ["x-86400"]


async def test_a_lead_that_cannot_be_read_holds_up_no_other_and_is_tried_again(
    autojump_clock: MockClock,
) -> None:
    journal, bell = Parked([due(1), due(2), due(3)]), Bell(fails=["x-2"])
    async with Watch(journal, bell):
        await trio.sleep(4)
        assert bell.names == ["x-1", "x-3"]
        bell.fails.clear()
        await trio.sleep(60)
    assert "x-2" in bell.names


async def test_a_journal_that_fails_is_asked_again(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    journal, bell = Parked([due(1)]), Bell()
    journal.is_unreadable = True
    async with Watch(journal, bell):
        await trio.sleep(10)
        journal.is_unreadable = False
        await trio.sleep(60)
    assert bell.names == ["x-1"]
    assert "the disk is gone" in caplog.text
