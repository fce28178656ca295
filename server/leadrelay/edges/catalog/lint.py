"""Warnings: what a catalog may say and hardly anybody means."""

import re
from collections.abc import Iterable
from typing import Any

from google.protobuf.struct_pb2 import Value

from leadrelay.core.masking import is_sensitive
from leadrelay.core.scope import OWN_WORDS
from leadrelay.core.template import TemplateError
from leadrelay.core.template.blankness import is_never_blank
from leadrelay.edges.catalog.compile_mapping import plain_value
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.nesting import warn_of_nesting
from leadrelay.edges.catalog.problems import named
from leadrelay.edges.catalog.references import destinations_in
from leadrelay.edges.catalog.urls import query_of
from leadrelay.v1 import destination_pb2 as pb
from leadrelay.v1.catalog_service_pb2 import Catalog as CatalogMessage

_CREDENTIAL = re.compile(
    r"(?:^|[^a-zA-Z0-9])(?i:api[-_]?key|key|token|secret|password|passwd|pwd)$|[a-z](?:Key|Token|Secret|Password)$"
)
_PARAMETER = re.compile(r"(?:^|&)([^=&{}]+)=([^&{}]+)(?=&|$)")


def lint(context: Context, message: CatalogMessage) -> None:
    """Note every warning that takes more than one value to see."""
    for index, destination in enumerate(message.destinations):
        path: Path = ("destinations", index)
        _mapped_twice(context, path, destination)
        warn_of_nesting(context, path, destination)
        _never_used(context, path, destination)
        _nothing_mapped(context, path, destination)
        _mapped_beside_text(context, path, destination)
        _sensitive_in_url(context, path, destination)
        _credentials_in_clear(context, path, destination)
        _retry(context, (*path, "retry"), destination)
        _unreachable(context, (*path, "reading"), destination.reading)
        _ambiguous_name(context, path, destination.name)
    _uncovered(context, message)
    _unused(context, message)


def _mapped_twice(context: Context, path: Path, destination: pb.Destination) -> None:
    first: dict[str, int] = {}
    for index, rule in enumerate(destination.mapping):
        before = first.setdefault(rule.to, index)
        if before == index or rule.when or destination.mapping[before].when:
            continue
        where = context.findings.where((*path, "mapping", before))
        message = (
            f"{named(rule.to)} is already mapped at {where}, whose value is now sent only where this one is "
            "blank; say so with `default`, or remove one of the two"
        )
        context.findings.warning((*path, "mapping", index), message)


def _never_used(context: Context, path: Path, destination: pb.Destination) -> None:
    for index, rule in enumerate(destination.mapping):
        if rule.HasField("default") and rule.HasField("value"):
            why = _why_never_used(plain_value(rule.value))
            if why:
                context.findings.warning((*path, "mapping", index, "default"), f"is never used: {why}")


def _why_never_used(value: Any) -> str:
    """Why a value leaves nothing to its default; empty where it may."""
    if isinstance(value, list):
        return "" if any(map(_is_template, value)) else "the value is always a list"
    if not _is_template(value):
        return "a value that is no template is sent as it is"
    try:
        return "the value can never be blank" if is_never_blank(value) else ""
    except TemplateError:  # which has been told
        return ""


def _is_template(value: Any) -> bool:
    return (
        any(map(_is_template, value)) if isinstance(value, list) else isinstance(value, str) and "{{" in value
    )


def _is_text(destination: pb.Destination) -> bool:
    """Whether the body is a template, which has no use for a mapping."""
    body = destination.rest.body
    return body.format == pb.BODY_FORMAT_TEXT or bool(body.template)


def _nothing_mapped(context: Context, path: Path, destination: pb.Destination) -> None:
    if _is_text(destination):
        template: Path = (*path, "rest", "body", "template")
        if not context.read_at.get(template) and not context.findings.is_damaged(path):
            message = "has no tag that reads a field, so that nothing of a lead is sent"
            context.findings.warning(template, message)
        return
    sends = destination.mapping or destination.pass_through == pb.PASS_THROUGH_ALL
    is_mapped = destination.WhichOneof("protocol") in ("rest", "soap")
    if is_mapped and not sends and not context.findings.is_damaged(path):
        message = "has no mapping, so that nothing of a lead is sent; add `mapping` or `pass_through: all`"
        context.findings.warning(path, message)


def _mapped_beside_text(context: Context, path: Path, destination: pb.Destination) -> None:
    is_unused = destination.pass_through == pb.PASS_THROUGH_ALL
    is_unused = is_unused or not all(rule.required for rule in destination.mapping)
    if _is_text(destination) and is_unused and not context.findings.is_damaged(path):
        message = "is not sent beside a text body, which is its template alone; put the values there"
        where = (*path, "mapping") if destination.mapping else (*path, "pass_through")
        context.findings.warning(where, f"{message} (of a mapping only what is `required` counts)")


def _sensitive_in_url(context: Context, path: Path, destination: pb.Destination) -> None:
    url = (*path, destination.WhichOneof("protocol") or "", "url")
    backups: Path = (*path, "endpoints", "backups")
    for place in (url, *((*backups, index, "url") for index in range(len(destination.endpoints.backups)))):
        for name in _sensitive(context, context.read_at.get(place, frozenset())):
            _warn_of_url(context, place, name)
    if not (destination.HasField("rest") and _is_query(destination.rest)):
        return
    for at, fields in context.read_at.items():
        if at[:3] == (*path, "mapping") and at[-1] != "when":
            for name in _sensitive(context, fields):
                _warn_of_url(context, at, name)


def _sensitive(context: Context, fields: Iterable[str]) -> list[str]:
    return sorted(name for name in fields if is_sensitive(name, context.sensitive))


def _warn_of_url(context: Context, path: Path, name: str) -> None:
    message = f"{named(name)} is sensitive and would stand in a URL, which servers keep in their logs"
    context.findings.warning(path, f"{message}; send it in a body")


def _is_query(rest: pb.Rest) -> bool:
    if rest.body.format == pb.BODY_FORMAT_UNSPECIFIED:
        return rest.method in ("GET", "HEAD", "DELETE")
    return rest.body.format == pb.BODY_FORMAT_QUERY


def _credentials_in_clear(context: Context, path: Path, destination: pb.Destination) -> None:
    kind = destination.WhichOneof("protocol")
    if kind not in ("rest", "webhook"):
        return
    _credentials_mapped(context, path, destination)
    protocol = destination.rest if kind == "rest" else destination.webhook
    _credentials_in_url(context, (*path, kind, "url"), protocol.url)
    for index, backup in enumerate(destination.endpoints.backups):
        _credentials_in_url(context, (*path, "endpoints", "backups", index, "url"), backup.url)
    for name, value in protocol.headers.items():
        is_ours = name.lower() == "idempotency-key"  # named to be left out, or to be written otherwise
        if _CREDENTIAL.search(name) and value and "{{" not in value and not is_ours:
            message = f"{named(name)} looks like a credential in clear"
            remedy = f"use `auth` with `headers: {{values: {{{name}: {{secret: NAME}}}}}}`"
            context.findings.warning((*path, kind, "headers", name), f"{message}; {remedy}")


def _credentials_mapped(context: Context, path: Path, destination: pb.Destination) -> None:
    for index, rule in enumerate(destination.mapping):
        given = [name for name in ("value", "default") if _is_literal(getattr(rule, name))]
        if given and _CREDENTIAL.search(rule.to):
            message = f"what is sent as {named(rule.to)} looks like a credential in clear"
            remedy = f"use `auth` with `api_key: {{field: {rule.to}, key: {{secret: NAME}}}}`"
            context.findings.warning((*path, "mapping", index, given[0]), f"{message}; {remedy}")


def _is_literal(value: Value) -> bool:
    return bool(value.string_value) and "{{" not in value.string_value


def _credentials_in_url(context: Context, path: Path, url: str) -> None:
    for name, _ in _PARAMETER.findall(query_of(url)):
        if _CREDENTIAL.search(name):
            message = f"the parameter {named(name)} looks like a credential in clear"
            remedy = f"use `auth` with `api_key: {{query: {name}, key: {{secret: NAME}}}}`"
            context.findings.warning(path, f"{message}; {remedy}")


def _retry(context: Context, path: Path, destination: pb.Destination) -> None:
    retry = destination.retry
    says_how = len(retry.ListFields()) > bool(retry.attempts)
    if says_how and retry.attempts < 2 and not context.findings.is_damaged(path):
        message = "nothing is ever sent again without `attempts` of 2 or more"
        context.findings.warning(path, message)


def _unreachable(context: Context, path: Path, reading: pb.Reading) -> None:
    for index, rule in enumerate(reading.rules[:-1]):
        if not rule.match and not context.findings.is_damaged((*path, "rules", index)):
            message = "has no `match` and so decides every reply; the rules after it are never reached"
            context.findings.warning((*path, "rules", index), message)
            return


def _ambiguous_name(context: Context, path: Path, name: str) -> None:
    if name in OWN_WORDS or name in context.fields:
        message = f"{named(name)} is also the name of a field, which templates find first; rename one of them"
        context.findings.warning((*path, "name"), message)


def _uncovered(context: Context, message: CatalogMessage) -> None:
    for index, field in enumerate(message.fields):
        path = ("fields", index, "sensitive")
        if context.findings.is_written(path) and not field.sensitive and field.name in context.sensitive:
            words = f"{named(field.name)} is masked whatever stands here; another name may be in the open"
            context.findings.warning(path, words)


def _unused(context: Context, message: CatalogMessage) -> None:
    used = {name for flow in message.flows for name in destinations_in(flow)}
    for index, destination in enumerate(message.destinations):
        if destination.name and destination.name not in used and not context.findings.is_torn:
            context.findings.warning(("destinations", index), "no flow delivers to it")
