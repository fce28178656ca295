"""CatalogService: destinations and flows, applied as one and versioned (behaviour 2, 8)."""

from collections.abc import Iterable

import trio

from leadrelay.core.catalog import Catalog
from leadrelay.core.errors import JournalError
from leadrelay.core.ports import Clock
from leadrelay.edges.catalog.load import SourceFile, load
from leadrelay.edges.catalog.problems import CatalogRefused, Problem
from leadrelay.edges.catalog.shelf import Shelf
from leadrelay.edges.grpc import convert, errors
from leadrelay.edges.grpc.bridge import Call, Method, unary_unary
from leadrelay.edges.grpc.preview import answer
from leadrelay.edges.grpc.submission import refuse
from leadrelay.v1 import catalog_service_pb2 as pb

SERVICE = "leadrelay.v1.CatalogService"
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
    return [SourceFile(file.name, file.text) for file in files]


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
