"""CatalogService: destinations and flows, applied as one and versioned (behaviour 2, 8)."""

from collections.abc import Iterable
from typing import Final

import trio

from leadrelay.core.catalog import Catalog
from leadrelay.core.errors import JournalError
from leadrelay.core.ports import Clock
from leadrelay.edges.catalog.load import SourceFile, load
from leadrelay.edges.catalog.problems import CatalogRefused, Problem
from leadrelay.edges.catalog.shelf import Shelf, UnknownEntries
from leadrelay.edges.grpc import convert, errors
from leadrelay.edges.grpc.bridge import Call, Method, unary_unary
from leadrelay.edges.grpc.preview import answer
from leadrelay.edges.grpc.submission import refuse
from leadrelay.v1 import catalog_service_pb2 as pb

SERVICE = "leadrelay.v1.CatalogService"
USUAL_PAGE: Final = 100
MAX_PAGE: Final = 1_000
MAX_DIGITS: Final = 19  # of a version
CHANGES = {
    "added": pb.CHANGE_KIND_ADDED,
    "changed": pb.CHANGE_KIND_CHANGED,
    "removed": pb.CHANGE_KIND_REMOVED,
}


class CatalogEdge:
    """The servicer; `methods` is what the bridge serves."""

    def __init__(self, shelf: Shelf, clock: Clock) -> None:
        self._shelf, self._clock = shelf, clock

    def methods(self) -> dict[str, Method]:
        return {
            f"/{SERVICE}/Apply": unary_unary(self.apply, pb.ApplyRequest),
            f"/{SERVICE}/Get": unary_unary(self.get, pb.GetRequest),
            f"/{SERVICE}/List": unary_unary(self.list, pb.ListRequest),
            f"/{SERVICE}/Delete": unary_unary(self.delete, pb.DeleteRequest),
            f"/{SERVICE}/Preview": unary_unary(self.preview, pb.PreviewRequest),
        }

    async def apply(self, request: pb.ApplyRequest, _call: Call) -> pb.ApplyResponse:
        try:
            applied = await self._shelf.apply(_sources(request.files), dry_run=request.dry_run)
        except CatalogRefused as refusal:
            what = "the catalog is refused and nothing was changed"
            raise refuse(what, _places(refusal.problems)) from refusal
        except JournalError as error:
            raise errors.journal_failed(error, "nothing was changed") from error
        return pb.ApplyResponse(
            version=applied.version,
            changes=[pb.Change(kind=CHANGES[change.kind], what=change.what) for change in applied.changes],
            warnings=[problem_message(problem) for problem in applied.warnings],
        )

    async def get(self, request: pb.GetRequest, _call: Call) -> pb.GetResponse:
        current, message = self._shelf.current.version, self._shelf.message
        version = request.version or current
        if version > current:
            raise errors.unknown_catalog(version, current)
        try:
            at = await self._shelf.applied_at(version)
            older = message if version == current else await self._shelf.message_of(version)
        except JournalError as error:
            raise errors.journal_failed(error, "nothing was changed") from error
        if older is None:
            raise errors.unknown_catalog(version, current)
        return pb.GetResponse(
            version=version, applied_at=None if at is None else convert.timestamp(at), catalog=older
        )

    async def list(self, request: pb.ListRequest, _call: Call) -> pb.ListResponse:
        """The token of a page is the last version in it."""
        token, size = request.page_token, request.page_size or USUAL_PAGE
        wrong = []
        if size > MAX_PAGE:
            wrong.append(("page_size", f"is {size}; at most {MAX_PAGE} are given"))
        if token and not (token.isascii() and token.isdigit() and len(token) < MAX_DIGITS and int(token)):
            wrong.append(("page_token", "is none that this server gave"))
        if wrong:
            raise refuse("no catalogs can be listed", wrong)
        try:
            found = await self._shelf.versions(int(token or 0), size + 1)
        except JournalError as error:
            raise errors.journal_failed(error, "nothing was changed") from error
        versions = [
            pb.CatalogVersion(
                version=note.version,
                applied_at=convert.timestamp(note.at),
                destinations=len(message.destinations),
                flows=len(message.flows),
            )
            for note, message in found[:size]
        ]
        more = str(versions[-1].version) if len(found) > size else ""
        return pb.ListResponse(versions=versions, next_page_token=more)

    async def delete(self, request: pb.DeleteRequest, _call: Call) -> pb.DeleteResponse:
        if not request.destinations and not request.flows:
            raise refuse("nothing was deleted", [("destinations", "name destinations, or flows, to delete")])
        try:
            version = await self._shelf.delete(request.destinations, request.flows)
        except UnknownEntries as unknown:
            raise errors.unknown_entries(str(unknown)) from unknown
        except CatalogRefused as refusal:
            words = "; ".join(f"{problem.path}: {problem.message}" for problem in refusal.problems[:20])
            raise errors.precondition(f"nothing was deleted: {words}", "STILL_REFERRED_TO") from refusal
        except JournalError as error:
            raise errors.journal_failed(error, "nothing was changed") from error
        return pb.DeleteResponse(version=version)

    async def preview(self, request: pb.PreviewRequest, _call: Call) -> pb.PreviewResponse:
        catalog = self._shelf.current
        if request.files:
            try:
                catalog = await trio.to_thread.run_sync(_read, _sources(request.files))
            except CatalogRefused as refusal:
                what = "the catalog is refused and nothing can be previewed"
                raise refuse(what, _places(refusal.problems)) from refusal
        return answer(request, catalog, self._clock.now())


def _sources(files: Iterable[pb.CatalogFile]) -> list[SourceFile]:
    return [SourceFile(file.name or f"files[{at}]", file.text) for at, file in enumerate(files)]


def _read(files: list[SourceFile]) -> Catalog:
    """A catalog that is not applied; nothing is asked of its secrets, since none is used."""
    return load(files, secret_names=None).catalog


def problem_message(problem: Problem) -> pb.Problem:
    return pb.Problem(file=problem.file, line=problem.line, path=problem.path, message=problem.message)


def _places(problems: Iterable[Problem]) -> list[tuple[str, str]]:
    """Each problem as a violation whose field is its place, `file:line: path`."""
    return [
        (
            ": ".join(part for part in (_file_line(problem), problem.path) if part) or "catalog",
            problem.message,
        )
        for problem in problems
    ]


def _file_line(problem: Problem) -> str:
    return f"{problem.file}:{problem.line}" if problem.line else problem.file
