"""Whom a preview is asked of: a server, or the very function that a server would call."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc

from leadrelay.core.catalog import Catalog
from leadrelay.edges.catalog.files import read_paths
from leadrelay.edges.catalog.load import Loaded, load
from leadrelay.edges.catalog.problems import CatalogRefused
from leadrelay.edges.cli.asking import asking
from leadrelay.edges.cli.exits import Exit, Stop
from leadrelay.edges.cli.saying import say
from leadrelay.edges.grpc.bridge import Abort
from leadrelay.edges.grpc.preview import answer
from leadrelay.runtime.clock import WallClock
from leadrelay.v1 import catalog_service_pb2
from leadrelay_client import InvalidArgument
from leadrelay_client.requests import preview_request
from leadrelay_client.v1.catalog_service_pb2 import PreviewRequest, PreviewResponse

Ask = Callable[[PreviewRequest], PreviewResponse]


class Refused(Exception):
    """This lead, or this reply, cannot be looked at; others may."""


@contextmanager
def previews(server: str, catalog: Sequence[Path]) -> Iterator[Ask]:
    """Previews by a catalog's own files where there are some, else by the server's catalog."""
    if catalog:
        loaded = read_catalog(catalog)
        yield lambda request: _by_ourselves(request, loaded.catalog)
        return
    with asking(server) as client:

        def ask(request: PreviewRequest) -> PreviewResponse:
            try:
                return client.preview(
                    request.destination,
                    request.lead if request.HasField("lead") else None,
                    flow=request.flow,
                    reply=request.reply if request.HasField("reply") else None,
                    bid=request.bid if request.HasField("bid") else None,
                )
            except InvalidArgument as refusal:
                raise Refused(str(refusal)) from refusal

        yield ask


def read_catalog(paths: Sequence[Path]) -> Loaded:
    """The catalog in these files. Says every problem and ends the verb where there is one."""
    try:
        return load(read_paths(paths), secret_names=None)
    except CatalogRefused as refusal:
        for problem in refusal.problems:
            say(str(problem))
        say(f"refused: {len(refusal.problems)} problem(s)")
        raise Stop(Exit.USAGE) from refusal


def request_for(
    destination: str, fields: Mapping[str, Any] | None, *, source: str, flow: str, reply: Any, bid: Any = None
) -> PreviewRequest:
    """The request for one lead, or for a reply alone. Raises Refused for what no lead can have."""
    try:
        request = preview_request(destination, fields, flow=flow, reply=reply, bid=bid)
    except ValueError as error:
        raise Refused(str(error)) from error
    if fields is not None:
        request.lead.source = source or request.lead.source
    return request


def _by_ourselves(request: PreviewRequest, catalog: Catalog) -> PreviewResponse:
    asked = catalog_service_pb2.PreviewRequest.FromString(request.SerializeToString())
    try:
        answered = answer(asked, catalog, WallClock().now())
    except Abort as refusal:
        if refusal.code is grpc.StatusCode.INVALID_ARGUMENT:
            raise Refused(refusal.message) from refusal
        say(refusal.message)
        raise Stop(Exit.USAGE) from refusal
    return PreviewResponse.FromString(answered.SerializeToString())
