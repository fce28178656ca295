"""How a destination is talked to, checked and compiled."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from leadrelay.adapters.head import OF_THE_CONNECTION
from leadrelay.core.destination import Protocol, Rest, Webhook
from leadrelay.core.encoding import Format
from leadrelay.core.exchange import ALWAYS_SECRET
from leadrelay.core.template import Template
from leadrelay.edges.catalog.compile_body import compile_a_body
from leadrelay.edges.catalog.compile_direct import compile_direct
from leadrelay.edges.catalog.compile_egress import warn_of_closed
from leadrelay.edges.catalog.compile_soap import compile_soap
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.problems import named, nearest
from leadrelay.edges.catalog.urls import is_in_clear, url_problems
from leadrelay.v1 import destination_pb2 as pb

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_OF_WEBHOOKS = (pb.BODY_FORMAT_UNSPECIFIED, pb.BODY_FORMAT_JSON, pb.BODY_FORMAT_FORM)
IN_QUERY = ("GET", "HEAD", "DELETE")  # methods whose payload is a query unless it is said otherwise


def compile_protocol(context: Context, path: Path, message: pb.Destination) -> Protocol | None:
    """How to talk to a destination; None where a problem, with it or with the lack of it, is noted."""
    match message.WhichOneof("protocol"):
        case "rest":
            return compile_rest(context, (*path, "rest"), message.rest)
        case "webhook":
            return _webhook(context, (*path, "webhook"), message.webhook)
        case "soap":
            return compile_soap(context, (*path, "soap"), message.soap)
        case "direct":
            return compile_direct(context, path, message)
    words = "says nothing of how to reach it; add `rest`, `webhook`, `soap` or `direct`"
    context.findings.absence(path, words)
    return None


def compile_rest(context: Context, path: Path, rest: pb.Rest, by_default: str = "POST") -> Rest | None:
    """The request at a path, by this method where it names none."""
    method = rest.method or by_default
    _check_method(context, (*path, "method"), method)
    body_format = Format.QUERY if method in IN_QUERY else Format.JSON
    url = compile_url(context, path, rest.url)
    body = compile_a_body(context, (*path, "body"), rest.body, body_format)
    headers = _headers(context, (*path, "headers"), rest.headers)
    if url is None or body is None:
        return None
    follows = rest.follow_redirects
    return Rest(url=url, method=method, body=body, headers=headers, follow_redirects=follows)


def _webhook(context: Context, path: Path, webhook: pb.Webhook) -> Webhook | None:
    url = compile_url(context, path, webhook.url)
    body = compile_a_body(context, (*path, "body"), webhook.body, Format.JSON)
    if webhook.body.format not in _OF_WEBHOOKS:
        message = "a webhook's body is json or form; use `rest` for anything else"
        context.findings.problem((*path, "body", "format"), message)
    headers = _headers(context, (*path, "headers"), webhook.headers)
    return Webhook(url=url, body=body, headers=headers) if url and body else None


def compile_url(context: Context, path: Path, text: str) -> Template | None:
    """The `url` of the message at a path."""
    if not text:
        context.findings.absence(path, "needs a `url`, as in https://example.com/leads")
        return None
    below, is_good = (*path, "url"), True
    for problem in url_problems(text):
        context.findings.problem(below, problem)
        is_good = False
    if is_good and is_in_clear(text):
        message = "http:// sends personal data and credentials unencrypted; use https:// if there is one"
        context.findings.warning(below, message)
    if is_good:
        warn_of_closed(context, below, text)
    return context.template(below, text, escape=_escape)


def _escape(value: str) -> str:
    """A lead's value stays inside the part of the URL that the catalog gave it."""
    return quote(value, safe="")


def _check_method(context: Context, path: Path, method: str) -> None:
    if method in _METHODS:
        return
    near = nearest(method, _METHODS)
    hint = f"; did you mean {near}?" if near else ""
    if not _TOKEN.fullmatch(method) or method.upper() in ("CONNECT", "TRACE") or method != method.upper():
        context.findings.problem(path, f"{named(method)} is no method that can be sent{hint}")
    else:
        context.findings.warning(path, f"{named(method)} is an unusual method{hint}")


def _headers(context: Context, path: Path, headers: Mapping[str, str]) -> dict[str, Template]:
    first: dict[str, str] = {}
    compiled = {}
    for name, value in sorted(headers.items()):  # protobuf keeps no order
        below = (*path, name)
        twin = first.setdefault(name.lower(), name)
        if twin != name:
            context.findings.problem(below, f"is the same header as {named(twin)}; case does not count")
        check_header_name(context, below, name)
        _check_header_value(context, below, name, value)
        template = context.template(below, value)
        if template is not None:
            compiled[name] = template
    return compiled


def check_header_name(context: Context, path: Path, name: str) -> None:
    """A problem for a header that cannot be sent, or is not for a catalog to set."""
    if not _TOKEN.fullmatch(name):
        context.findings.problem(
            path, f"{named(name)} cannot be the name of a header; use letters, digits and `-`"
        )
    elif name.lower() in OF_THE_CONNECTION:
        context.findings.problem(path, f"the header {named(name)} is set by leadrelay itself; remove it")


def _check_header_value(context: Context, path: Path, name: str, value: str) -> None:
    is_template = "{{" in value
    if not is_template and _CONTROL.search(value):
        context.findings.problem(path, "a header's value cannot have line breaks or control characters")
    if not is_template and value and name.lower() in ALWAYS_SECRET:
        message = (
            f"{named(name)} carries a credential, which must not be written in a catalog; use `auth`, "
            f"for example `- headers: {{values: {{{name}: {{secret: NAME}}}}}}`"
        )
        context.findings.problem(path, message)
