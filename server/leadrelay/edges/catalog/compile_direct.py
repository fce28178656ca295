"""`direct` of a destination: which flow of which leadrelay, and what it has no use for."""

import re

from leadrelay.core.destination import Direct
from leadrelay.core.lead import MAX_HOPS
from leadrelay.edges.catalog.compile_egress import warn_of_closed
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.problems import named
from leadrelay.edges.catalog.urls import is_in_clear
from leadrelay.v1 import destination_pb2 as pb

LOOP_LIMIT = 3

_TARGET = re.compile(r"(?P<host>[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]+\]):(?P<port>\d{1,5})")
_UNFIT = {  # proofs that are made of an HTTP request, which this is not
    "hmac": "signs the body of an HTTP request",
    "standard_webhooks": "signs the body of an HTTP request",
}


def compile_direct(context: Context, path: Path, message: pb.Destination) -> Direct | None:
    """The settings of the destination at a path, or None after a problem has been noted."""
    direct, below = message.direct, (*path, "direct")
    _check_proofs(context, path, message)
    if message.HasField("reading"):
        words = "the peer says itself what became of the lead; remove `reading`"
        context.findings.problem((*path, "reading"), words)
    if direct.loop_limit > MAX_HOPS:
        context.findings.problem((*below, "loop_limit"), f"cannot be more than {MAX_HOPS}")
    for index, rule in enumerate(message.mapping):
        if rule.to.partition(".")[0].isdigit():
            words = "a lead has named fields; begin the path with a name"
            context.findings.problem((*path, "mapping", index, "to"), words)
    place = _place(context, below, direct)
    if not direct.flow:
        context.findings.absence(below, "needs a `flow`, by its name there")
    if place is None or not direct.flow:
        return None
    host, port = place
    return Direct(
        flow=direct.flow,
        host=host,
        port=port,
        is_plaintext=direct.plaintext,
        loop_limit=direct.loop_limit or LOOP_LIMIT,
        is_whole=not message.mapping or message.pass_through == pb.PASS_THROUGH_ALL,
    )


def _place(context: Context, path: Path, direct: pb.Direct) -> tuple[str, int] | None:
    """Host and port; an empty host is this server."""
    if not direct.target:
        if direct.plaintext:
            words = "is for another server: without a `target` the flow is one of this server's"
            context.findings.problem((*path, "plaintext"), words)
        return "", 0
    found = _TARGET.fullmatch(direct.target)
    if found is None or not 0 < int(found["port"]) <= 65_535:
        context.findings.problem((*path, "target"), _why_no_target(direct.target))
        return None
    host, port = found["host"].strip("[]"), int(found["port"])
    url = f"http{'' if direct.plaintext else 's'}://{direct.target}/"
    if is_in_clear(url):
        words = "sends personal data and credentials unencrypted; remove it if the peer has TLS"
        context.findings.warning((*path, "plaintext"), words)
    warn_of_closed(context, (*path, "target"), url)
    return host, port


def _why_no_target(target: str) -> str:
    if "://" in target:
        return "is HOST:PORT without a scheme; `plaintext: true` turns TLS off"
    if "{{" in target:
        return "cannot be a template: it is the same for all leads"
    if "@" in target:
        return "must not carry a user name or a password; use `auth`"
    return f"{named(target)} is no HOST:PORT, such as relay.example.com:7400 or [2001:db8::1]:7400"


def _check_proofs(context: Context, path: Path, message: pb.Destination) -> None:
    for index, auth in enumerate(message.auth):
        kind = auth.WhichOneof("kind")
        below = (*path, "auth", index, kind or "")
        if kind is None:
            continue
        if not message.direct.target:
            words = "a flow of this server asks for no proof; remove it, or name another server as `target`"
            context.findings.problem(below, words)
        elif kind in _UNFIT:
            words = f"{_UNFIT[kind]}; use `api_key`, `bearer`, `basic`, `headers`, `oauth2` or `mtls`"
            context.findings.problem(below, words)
        elif kind == "api_key" and auth.api_key.query:
            words = "a call of gRPC has no query; use `header`, which is sent as metadata"
            context.findings.problem((*below, "query"), words)
        elif kind == "api_key":
            _check_name(context, (*below, "header"), auth.api_key.header)
        elif kind == "headers":
            for name in sorted(auth.headers.values):
                _check_name(context, (*below, "values", name), name)
        elif kind == "mtls" and message.direct.plaintext:
            context.findings.problem(below, "shows no certificate without TLS; remove `plaintext`")


def _check_name(context: Context, path: Path, name: str) -> None:
    """Names that gRPC keeps to itself, or reads in another way."""
    lower = name.lower()
    if lower.startswith("grpc-") or lower.endswith("-bin"):
        words = f"{named(name)} has a meaning of its own in gRPC, as all names with `grpc-` or `-bin`"
        context.findings.problem(path, words)
    elif lower in ("content-type", "user-agent", "traceparent", "tracestate", "leadrelay-hops"):
        context.findings.problem(
            path, f"the metadata {named(name)} are set by leadrelay itself; use another name"
        )
