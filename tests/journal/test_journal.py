"""The journal as a whole, on a real file: what it returned from is there, also after a kill."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from journal.held_store import held_store
from journal.samples import MOMENT, a_secret, lead_id, received, settled, started
from leadrelay.core import ports
from leadrelay.core.errors import AlreadyReceived, JournalError
from leadrelay.core.facts import Entry
from leadrelay.core.outcome import Result
from leadrelay.journal.journal import PAGE, Journal, open_journal
from leadrelay.journal.sqlite_file import DATABASE
from leadrelay.journal.store import Counts

ROOT = Path(__file__).parents[2]


async def test_it_is_the_journal_that_the_runtime_asks_for(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as opened:
        journal: ports.Journal = opened
        whole = [received(1), started(1, 2), settled(1, 3)]
        async with journal.follow(lead_id(1)) as entries:
            await journal.append(whole[:1])
            await journal.append(whole[1:])
            assert [await entries.next() for _ in whole] == whole
        assert await journal.read(lead_id(1)) == whole
        assert await journal.read(lead_id(1), after=2) == whole[2:]


async def test_a_lead_it_never_saw_has_no_entries(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        for unknown in (lead_id(1), "nonsense", ""):
            assert await journal.read(unknown) == []
        assert await journal.find("r-1") is None


async def test_a_request_id_belongs_to_one_lead_also_after_a_restart(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await journal.append([received(1, request_id="r-1", digest="one")])
        with pytest.raises(AlreadyReceived) as caught:
            await journal.append([received(2, request_id="r-1", digest="two")])
        assert (caught.value.lead_id, caught.value.digest) == (lead_id(1), "one")
    async with open_journal(tmp_path) as journal:
        with pytest.raises(AlreadyReceived):
            await journal.append([received(2, request_id="r-1")])
        with pytest.raises(JournalError, match="does not follow"):
            await journal.append([started(2, 2)])
        assert await journal.find("r-1") == lead_id(1)
        assert await journal.unsettled() == [lead_id(1)]


async def test_unsettled_leads_come_page_by_page(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await journal.append([received(place) for place in range(1, 6)])
        await journal.append([settled(2, 2, Result.UNRESOLVED)])
        first = await journal.unsettled(limit=2)
        assert first == [lead_id(1), lead_id(3)]
        assert await journal.unsettled(after=first[-1]) == [lead_id(4), lead_id(5)]
        assert await journal.counts() == Counts(leads=5, settled=1, facts=6)


async def test_a_long_lead_is_read_whole(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        whole = [received(1), *(started(1, number) for number in range(2, 2 * PAGE + 3))]
        await journal.append(whole)
        assert await journal.read(lead_id(1)) == whole
        assert await journal.read(lead_id(1), after=PAGE + 2) == whole[PAGE + 2 :]


async def test_a_reader_of_all_entries_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """Design 2.5: the trace drawer's cursor is durable, and a wait for news misses none."""
    async with open_journal(tmp_path) as journal:
        await journal.append([received(1), received(2)])
        found = await journal.rows_since(0)
        assert [entry for _, entry in found] == [received(1), received(2)]
        await journal.move_cursor("traces", found[0][0])
    async with open_journal(tmp_path) as journal:
        seq = await journal.cursor("traces")
        assert await journal.changed(seq) == found[1][0]
        assert await journal.rows_since(seq, limit=1) == found[1:]
        async with trio.open_nursery() as nursery:
            nursery.start_soon(journal.append, [started(1, 2)])
            last = await journal.changed(found[1][0])
        assert await journal.rows_since(found[1][0]) == [(last, started(1, 2))]


async def test_catalogs_are_kept_by_version(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        assert await journal.latest_catalog() is None
        assert await journal.save_catalog(b"one", MOMENT) == 1
        assert await journal.save_catalog(b"two", MOMENT + 1) == 2
        assert await journal.catalog(1) == b"one"
        assert await journal.latest_catalog() == (2, b"two")
        assert [(note.version, note.at) for note in await journal.catalogs()] == [
            (1, MOMENT),
            (2, MOMENT + 1),
        ]


async def test_secrets_are_kept_as_they_are_handed_over(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        for name in "abc":
            await journal.put_secret(a_secret(name))
        assert await journal.delete_secrets(["b"]) == 1
        rewrapped = replace(a_secret("c"), key_id="new", data_key=b"new")
        assert await journal.rewrap_secrets([rewrapped]) == 1
        assert await journal.secrets() == [a_secret("a"), rewrapped]
    async with open_journal(tmp_path, read_only=True) as journal:
        assert await journal.secrets() == [a_secret("a"), rewrapped]


async def test_a_fact_of_a_newer_version_is_named_and_harms_no_other_lead(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await journal.append([received(1), received(2)])
        with closing(sqlite3.connect(tmp_path / DATABASE)) as newer, newer:
            newer.execute("UPDATE facts SET kind = 'LeadBlessed' WHERE seq = 1")
        with pytest.raises(JournalError, match=f"entry 1 of lead {lead_id(1)}, a 'LeadBlessed'"):
            await journal.read(lead_id(1))
        assert await journal.read(lead_id(2)) == [received(2)]


async def test_reading_waits_for_no_commit(tmp_path: Path) -> None:
    store = held_store(tmp_path)
    async with trio.open_nursery() as nursery:
        journal = await Journal.over(store)
        await nursery.start(journal.run)
        await journal.append([received(1)])
        store.hold()
        nursery.start_soon(journal.append, [started(1, 2)])
        await store.until_committing(2)
        assert await journal.read(lead_id(1)) == [received(1)]
        store.let_go()
        journal.close()
    store.close()


async def test_nothing_is_told_before_it_is_durable(tmp_path: Path) -> None:
    """Design 2.3: a failed commit is never streamed."""
    store = held_store(tmp_path)
    async with trio.open_nursery() as nursery:
        journal = await Journal.over(store)
        await nursery.start(journal.run)
        async with journal.follow(lead_id(1), fresh=True) as entries:
            store.failures.append(JournalError("the disk is full"))
            with pytest.raises(JournalError, match="disk is full"):
                await journal.append([received(1, note="lost")])
            store.hold()
            nursery.start_soon(journal.append, [received(1, note="kept")])
            await store.until_committing(2)
            with trio.move_on_after(0.01) as early:
                await entries.next()
            assert early.cancelled_caught
            store.let_go()
            assert await entries.next() == received(1, note="kept")
        assert store.reads == 0
        journal.close()
    store.close()


async def test_many_followers_of_many_leads_miss_nothing_while_all_are_written(tmp_path: Path) -> None:
    upto, leads = 40, 12
    async with open_journal(tmp_path) as journal:
        whole = [received(1), *(started(1, number) for number in range(2, upto + 1))]

        async def write(place: int) -> None:
            await journal.append([received(place)])
            for number in range(2, upto + 1, 3):
                await journal.append([started(place, n) for n in range(number, min(number + 3, upto + 1))])

        async def follow(place: int, after: int) -> None:
            async with journal.follow(lead_id(place), after) as entries:
                seen = [await entries.next() for _ in range(after, upto)]
            assert [entry.number for entry in seen] == [entry.number for entry in whole[after:]]
            assert {entry.lead_id for entry in seen} == {lead_id(place)}

        async with trio.open_nursery() as nursery:
            for place in range(1, leads + 1):
                nursery.start_soon(write, place)
                for after in (0, 1, upto - 2):
                    nursery.start_soon(follow, place, after)


async def test_closing_ends_the_waiting_of_followers(tmp_path: Path) -> None:
    told: list[str] = []

    async def follow(journal: Journal) -> None:
        async with journal.follow(lead_id(1)) as entries:
            with pytest.raises(JournalError, match="closed"):
                await entries.next()
            told.append("closed")

    async with trio.open_nursery() as nursery, open_journal(tmp_path) as journal:
        nursery.start_soon(follow, journal)
        await wait_all_tasks_blocked(0.01)
    assert told == ["closed"]


async def test_a_second_server_is_refused_without_harm_to_the_first(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        with pytest.raises(JournalError, match="in use by another server"):
            async with open_journal(tmp_path):
                raise AssertionError
        await journal.append([received(1)])
        async with open_journal(tmp_path, read_only=True) as beside:
            assert await beside.read(lead_id(1)) == [received(1)]
            with pytest.raises(JournalError, match="cannot be written to"):
                await beside.append([received(2)])


def kill_after(folder: Path, lines: int) -> dict[int, int]:
    """Let a process append, kill it in the middle; for each lead the last number it was told."""
    path = os.pathsep.join(str(ROOT / name) for name in ("server", "tests"))
    command = [sys.executable, str(Path(__file__).with_name("appender.py")), str(folder)]
    told: dict[int, int] = {}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
    ) as process:
        assert process.stdout is not None
        for count, line in enumerate(process.stdout):
            if count == lines:
                process.kill()
            if line.endswith("\n"):  # the last one may be cut
                place, number = map(int, line.split())
                told[place] = number
    assert process.returncode == -9
    return told


@pytest.mark.parametrize("lines", [1, 50, 1500])
async def test_everything_that_append_returned_for_survives_a_kill(tmp_path: Path, lines: int) -> None:
    told = kill_after(tmp_path, lines)
    assert told
    async with open_journal(tmp_path) as journal:
        for place, number in told.items():
            entries = await journal.read(lead_id(place))
            assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
            assert len(entries) >= number
            assert await journal.find(f"request {place}") == lead_id(place)
        everything = await journal.rows_since(0, limit=1_000_000)
        assert all(no_gap(entries) for entries in by_lead(entry for _, entry in everything).values())
        unsettled = await journal.unsettled(limit=1_000_000)
        assert not {lead_id(place) for place, number in told.items() if number == 10} & set(unsettled)
        place = min(told)
        count = len(await journal.read(lead_id(place)))
        await journal.append([started(place, count + 1)])
    with closing(sqlite3.connect(tmp_path / DATABASE)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def by_lead(entries: Iterable[Entry]) -> dict[str, list[int]]:
    numbers: dict[str, list[int]] = {}
    for entry in entries:
        numbers.setdefault(entry.lead_id, []).append(entry.number)
    return numbers


def no_gap(numbers: list[int]) -> bool:
    return numbers == list(range(1, len(numbers) + 1))
