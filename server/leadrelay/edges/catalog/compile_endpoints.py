"""`endpoints` of a destination: backups of its own URL, checked like that one."""

import re
from collections.abc import Iterator

from leadrelay.core.destination import PRIMARY, Endpoint, EndpointOrder, Endpoints
from leadrelay.core.template import Template
from leadrelay.edges.catalog.compile_protocol import compile_url
from leadrelay.edges.catalog.compile_soap import check_url
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.problems import named
from leadrelay.v1 import destination_pb2 as pb

MAX_BACKUPS = 8  # each may cost a lead the time that a connection may take

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def compile_endpoints(context: Context, path: Path, message: pb.Destination) -> Endpoints | None:
    """The backups of the destination at a path; None where there are none, or a problem has been noted."""
    if not message.HasField("endpoints"):
        return None
    path, backups = (*path, "endpoints"), message.endpoints.backups
    if message.HasField("direct"):
        words = "are for `rest`, `webhook` and `soap`; another leadrelay has the one address of its `target`"
        context.findings.problem(path, words)
        return None
    if not backups:
        context.findings.absence(path, "needs `backups`, as in `backups: [{name: eu, url: https://…}]`")
    if len(backups) > MAX_BACKUPS:
        words = f"more than {MAX_BACKUPS} backups cannot be meant; a lead may wait for a connection at each"
        context.findings.problem((*path, "backups"), words)
    _check_twins(context, (*path, "backups"), message)
    compiled = tuple(_compiled(context, (*path, "backups"), message))
    if not compiled or len(compiled) < len(backups):
        return None
    by_health = message.endpoints.order == pb.ENDPOINT_ORDER_HEALTH
    return Endpoints(backups=compiled, order=EndpointOrder.HEALTH if by_health else EndpointOrder.LISTED)


def url_of(message: pb.Destination) -> str:
    """The primary's, as it is written; empty where a WSDL has it."""
    return message.rest.url or message.webhook.url or message.soap.url


def _compiled(context: Context, path: Path, message: pb.Destination) -> Iterator[Endpoint]:
    for index, backup in enumerate(message.endpoints.backups):
        below = (*path, index)
        if backup.name and not _NAME.fullmatch(backup.name):
            words = f"{named(backup.name)} is no name: letters, digits, `_`, `-` and `.`, at most 100"
            context.findings.problem((*below, "name"), words)
        url = _url(context, below, message, backup.url)
        if url is not None:
            yield Endpoint(name=_name(index, backup), url=url)


def _url(context: Context, path: Path, message: pb.Destination, url: str) -> Template | None:
    if not message.HasField("soap"):
        return compile_url(context, path, url)
    if not url:
        context.findings.absence(path, "needs a `url`, as in https://example.com/service")
        return None
    check_url(context, (*path, "url"), url, "personal data and credentials are sent unencrypted")
    return None if "{{" in url else context.template((*path, "url"), url)


def _check_twins(context: Context, path: Path, message: pb.Destination) -> None:
    names, urls = {PRIMARY: -1}, dict[str, int]()
    for index, backup in enumerate(message.endpoints.backups):
        name = _name(index, backup)
        twin = names.setdefault(name, index)
        if twin != index:
            words = "the destination's own URL" if twin < 0 else f"backup {twin + 1}"
            context.findings.problem((*path, index, "name"), f"{named(name)} is the name of {words}")
        twin = urls.setdefault(backup.url, index)
        if backup.url and twin != index:
            words = f"is the URL of {named(_name(twin, message.endpoints.backups[twin]))}, too"
            context.findings.problem((*path, index, "url"), f"{words}; remove one of them")
        if backup.url and backup.url == url_of(message):
            words = "is the destination's own URL, which then is tried twice; name another, or remove it"
            context.findings.warning((*path, index, "url"), words)


def _name(index: int, backup: pb.Endpoint) -> str:
    return backup.name or f"backup_{index + 1}"
