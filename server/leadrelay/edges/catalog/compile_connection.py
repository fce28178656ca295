"""`connection` of a destination: the version of HTTP, and the proxy in between."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from leadrelay.core.destination import HttpVersion, Proxy
from leadrelay.edges.catalog.compile_egress import warn_of_closed
from leadrelay.edges.catalog.compile_endpoints import url_of
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.urls import is_in_clear, url_problems
from leadrelay.v1 import destination_pb2 as pb

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Connection:
    """How a destination is reached."""

    http_version: HttpVersion = HttpVersion.V1_1
    proxy: Proxy | None = None


def compile_connection(context: Context, path: Path, message: pb.Destination) -> Connection:
    """The connection of the destination at a path, without what has problems."""
    path, connection = (*path, "connection"), message.connection
    if message.HasField("direct") and message.HasField("connection"):
        context.findings.problem(path, "is for HTTP; another leadrelay is reached by `direct` alone")
    is_2 = connection.http_version == pb.HTTP_VERSION_2
    proxy = None
    if connection.HasField("proxy"):
        proxy = _proxy(context, (*path, "proxy"), connection.proxy)
        urls = (url_of(message), *(backup.url for backup in message.endpoints.backups))
        if is_2 and any(url.lower().startswith("http://") for url in urls):
            words = "through a proxy HTTP/2 is spoken to https:// only; leave it out, or use https://"
            context.findings.problem((*path, "http_version"), words)
    return Connection(HttpVersion.V2 if is_2 else HttpVersion.V1_1, proxy)


def _proxy(context: Context, path: Path, message: pb.Proxy) -> Proxy | None:
    password = _password(context, path, message)
    below, url = (*path, "url"), message.url
    problems = list(_url_problems(url))
    for words in problems:
        context.findings.problem(below, words)
    if problems:
        return None
    if password and is_in_clear(url):
        words = "http:// shows the proxy its password unencrypted; use https:// if it speaks it"
        context.findings.warning(below, words)
    warn_of_closed(context, below, url)
    parts = urlsplit(url)
    return Proxy(
        is_secure=parts.scheme == "https",
        host=parts.hostname or "",
        port=parts.port or _PORTS[parts.scheme],
        username=message.username,
        password=password,
    )


def _url_problems(url: str) -> list[str]:
    if "{{" in url:
        return ["a proxy is the same for every lead; write its address without templates"]
    problems = list(url_problems(url))
    if not problems and (urlsplit(url).path.rstrip("/") or urlsplit(url).query):
        return ["a proxy has no path; write its scheme, host and port, as in http://proxy.example:3128"]
    return [
        words.replace("use `auth` with `basic`", "use `username` and `password` beside it")
        for words in problems
    ]


def _password(context: Context, path: Path, message: pb.Proxy) -> str:
    if ":" in message.username:
        context.findings.problem((*path, "username"), "a user name for a proxy cannot have a colon")
    if message.username:
        return context.secret((*path, "password"), message.password)
    if message.HasField("password"):
        context.findings.problem((*path, "username"), "a password is shown with a user name; add one")
    return ""
