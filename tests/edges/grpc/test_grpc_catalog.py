"""Catalogs over the wire: every problem with its place, and nothing changed by a refusal (behaviour 2, 8)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import orjson
import pytest
from google.protobuf.message import Message

from edges.grpc.callers import Caller
from leadrelay.core.errors import JournalError
from leadrelay.edges.catalog.problems import Problem
from leadrelay.edges.catalog.shelf import Shelf
from leadrelay.edges.grpc.catalog import SERVICE, CatalogEdge, problem_message
from leadrelay.journal.journal import Journal, open_journal
from leadrelay.runtime.clock import WallClock
from leadrelay.v1 import catalog_service_pb2 as pb
from servers import a_destination, a_flow


class Desk:
    def __init__(self, edge: CatalogEdge, journal: Journal) -> None:
        self._methods, self.journal = edge.methods(), journal

    async def ask(self, verb: str, request: Message) -> Caller:
        caller = Caller(self._methods[f"/{SERVICE}/{verb}"])
        caller.line.say(request)
        await caller.run()
        return caller


@asynccontextmanager
async def a_desk(folder: Path) -> AsyncIterator[Desk]:
    async with open_journal(folder) as journal:
        shelf = Shelf(journal, (), WallClock())
        await shelf.open()
        yield Desk(CatalogEdge(shelf, WallClock()), journal)


def a_request(*names: str, **more: object) -> pb.ApplyRequest:
    catalog = {
        "destinations": [a_destination(name, 9, **more) for name in names],
        "flows": [a_flow("loans", {"deliver": names[0]})],
    }
    text = orjson.dumps(catalog).decode()
    return pb.ApplyRequest(files=[pb.CatalogFile(name="c.yaml", text=text)])


async def test_an_apply_tells_its_version_and_what_it_changed(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        first = await desk.ask("Apply", a_request("a"))
        second = await desk.ask("Apply", a_request("b"))
    (applied,) = second.told(pb.ApplyResponse)
    assert first.told(pb.ApplyResponse)[0].version == 1
    assert applied.version == 2
    assert {(change.kind, change.what) for change in applied.changes} == {
        (pb.CHANGE_KIND_ADDED, "destination b"),
        (pb.CHANGE_KIND_REMOVED, "destination a"),
        (pb.CHANGE_KIND_CHANGED, "flow loans"),
    }


async def test_a_refusal_has_each_problem_with_its_file_and_line(tmp_path: Path) -> None:
    text = "destinations:\n- name: crm\n  timeoutz: 5\nflows:\n- name: loans\n  steps: [{deliver: crn}]\n"
    async with a_desk(tmp_path) as desk:
        request = pb.ApplyRequest(files=[pb.CatalogFile(name="c.yaml", text=text)])
        caller = await desk.ask("Apply", request)
        assert await desk.journal.latest_catalog() is None
    assert caller.code is grpc.StatusCode.INVALID_ARGUMENT
    assert caller.refusal is not None
    (details,) = caller.refusal.details
    places = [violation.field for violation in details.field_violations]  # type: ignore[attr-defined]
    assert any(place.startswith("c.yaml:3") for place in places)
    assert any(place.startswith("c.yaml:6") for place in places)


async def test_no_file_at_all_is_refused_in_words(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        caller = await desk.ask("Apply", pb.ApplyRequest())
    assert caller.code is grpc.StatusCode.INVALID_ARGUMENT
    assert "no file at all" in caller.words


async def test_a_catalog_is_told_with_the_time_of_its_apply(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        empty = await desk.ask("Get", pb.GetRequest())
        await desk.ask("Apply", a_request("a"))
        await desk.ask("Apply", a_request("b"))
        current = await desk.ask("Get", pb.GetRequest())
        older = await desk.ask("Get", pb.GetRequest(version=1))
    assert empty.told(pb.GetResponse)[0] == pb.GetResponse(catalog=pb.Catalog())
    (newest,), (first,) = current.told(pb.GetResponse), older.told(pb.GetResponse)
    assert (newest.version, newest.catalog.destinations[0].name) == (2, "b")
    assert (first.version, first.catalog.destinations[0].name) == (1, "a")
    assert 0 < first.applied_at.ToNanoseconds() <= newest.applied_at.ToNanoseconds()


@pytest.mark.parametrize("version", [3, 2**63, 2**64 - 1])
async def test_a_version_that_never_was_is_not_found(tmp_path: Path, version: int) -> None:
    async with a_desk(tmp_path) as desk:
        await desk.ask("Apply", a_request("a"))
        caller = await desk.ask("Get", pb.GetRequest(version=version))
    assert caller.code is grpc.StatusCode.NOT_FOUND
    assert "in force is 1" in caller.words


async def test_a_journal_that_fails_is_unavailable(tmp_path: Path) -> None:
    class Gone:
        async def save_catalog(self, body: bytes, at: int) -> int:
            raise JournalError("the disk is gone")

        async def catalog(self, version: int) -> bytes | None:
            raise JournalError("the disk is gone")

        async def catalogs(self) -> list[object]:
            raise JournalError("the disk is gone")

        async def latest_catalog(self) -> None:
            return None

    edge = CatalogEdge(Shelf(Gone(), (), WallClock()), WallClock())  # type: ignore[arg-type]
    async with open_journal(tmp_path) as journal:
        desk = Desk(edge, journal)
        for verb, request in (("Apply", a_request("a")), ("Get", pb.GetRequest())):
            caller = await desk.ask(verb, request)
            assert caller.code is grpc.StatusCode.UNAVAILABLE
            assert "the disk is gone; nothing was changed" in caller.words


def test_a_problem_is_told_with_all_it_has() -> None:
    problem = Problem("c.yaml", 3, "destinations[0]", "what is wrong")
    assert problem_message(problem) == pb.Problem(
        file="c.yaml", line=3, path="destinations[0]", message="what is wrong"
    )


async def test_every_catalog_that_was_applied_is_listed_the_newest_first(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        for name in ("a", "b", "c"):
            await desk.ask("Apply", a_request(name))
        (first,) = (await desk.ask("List", pb.ListRequest(page_size=2))).told(pb.ListResponse)
        rest = pb.ListRequest(page_size=2, page_token=first.next_page_token)
        (second,) = (await desk.ask("List", rest)).told(pb.ListResponse)
    assert [each.version for each in first.versions] == [3, 2]
    assert [(each.version, each.destinations, each.flows) for each in second.versions] == [(1, 1, 1)]
    assert first.versions[0].applied_at.seconds > 0
    assert second.next_page_token == ""


@pytest.mark.parametrize(
    "request_", [pb.ListRequest(page_size=1001), *(pb.ListRequest(page_token=t) for t in ("x", "-1", "0"))]
)
async def test_a_page_that_cannot_be_is_refused(tmp_path: Path, request_: pb.ListRequest) -> None:
    async with a_desk(tmp_path) as desk:
        assert (await desk.ask("List", request_)).code is grpc.StatusCode.INVALID_ARGUMENT


async def test_what_nothing_refers_to_is_taken_out_and_makes_a_version(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        await desk.ask("Apply", a_request("a", "b"))
        deleted = await desk.ask("Delete", pb.DeleteRequest(destinations=["b"]))
        (now,) = (await desk.ask("Get", pb.GetRequest())).told(pb.GetResponse)
        (before,) = (await desk.ask("Get", pb.GetRequest(version=1))).told(pb.GetResponse)
    assert deleted.told(pb.DeleteResponse)[0].version == now.version == 2
    assert [each.name for each in now.catalog.destinations] == ["a"]
    assert len(before.catalog.destinations) == 2, "leads under way keep the one that they came under"


@pytest.mark.parametrize(
    ("request_", "code", "words"),
    [
        (pb.DeleteRequest(destinations=["a"]), grpc.StatusCode.FAILED_PRECONDITION, "no destination `a`"),
        (pb.DeleteRequest(destinations=["b", "z"]), grpc.StatusCode.NOT_FOUND, "no destination z"),
        (pb.DeleteRequest(flows=["cars"]), grpc.StatusCode.NOT_FOUND, "no flow cars"),
        (pb.DeleteRequest(), grpc.StatusCode.INVALID_ARGUMENT, "name destinations"),
    ],
)
async def test_what_is_referred_to_or_is_not_there_is_not_deleted(
    tmp_path: Path, request_: pb.DeleteRequest, code: grpc.StatusCode, words: str
) -> None:
    async with a_desk(tmp_path) as desk:
        await desk.ask("Apply", a_request("a", "b"))
        refused = await desk.ask("Delete", request_)
        (now,) = (await desk.ask("Get", pb.GetRequest())).told(pb.GetResponse)
    assert refused.code is code
    assert words in refused.words
    assert now.version == 1
