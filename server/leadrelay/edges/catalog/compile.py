"""The message `leadrelay.v1.Catalog` -> a compiled `core.catalog.Catalog`, every problem noted at once."""

import re
from collections.abc import Sequence

from leadrelay.core.catalog import Catalog
from leadrelay.core.destination import Destination
from leadrelay.core.egress import Rule
from leadrelay.core.fields import Field, FieldType, known_fields, sensitive_names, types_of, well_known
from leadrelay.core.flow import Flow
from leadrelay.edges.catalog.circles import check_inner_flows
from leadrelay.edges.catalog.compile_destination import compile_destination, when_unknown
from leadrelay.edges.catalog.compile_egress import compile_egress
from leadrelay.edges.catalog.compile_flow import Known, compile_flow
from leadrelay.edges.catalog.compile_reading import codes_of
from leadrelay.edges.catalog.context import Context, Secrets
from leadrelay.edges.catalog.findings import Findings
from leadrelay.edges.catalog.lint import lint
from leadrelay.edges.catalog.placeholders import warn_of_placeholders
from leadrelay.edges.catalog.problems import named
from leadrelay.edges.catalog.slips import warn_of_slips
from leadrelay.v1 import lead_pb2
from leadrelay.v1.catalog_service_pb2 import Catalog as CatalogMessage

MAX_NAME = 100
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
# Sources name fields, and some as their forms do: "Social Security No". A dot leads into nested data.
_FIELD_NAME = re.compile(r"(?!\s)[^.\x00-\x1f\x7f-\x9f\u2028\u2029]+(?<!\s)")
_OF_FIELD = "without dots, control characters, and white space at its ends"

Named = Destination | Flow


def compile_catalog(
    message: CatalogMessage,
    findings: Findings,
    *,
    version: int = 0,
    secrets: Secrets = None,
    egress: Sequence[Rule] = (),
    was_applied: bool = False,
) -> Catalog | None:
    """The catalog; None where a part of it could not be compiled.

    With a problem among the findings the catalog must not be applied, though it may be complete: one that
    `was_applied` by an earlier version stays readable when later versions check more.
    """
    _check_names(findings, "fields", message.fields, _FIELD_NAME, _OF_FIELD)
    rule = "letters, digits, `_`, `-` and, inside, `.`"
    _check_names(findings, "destinations", message.destinations, _NAME, rule)
    _check_names(findings, "flows", message.flows, _NAME, rule)
    context = _context(message, findings, secrets, keeps_reads=not was_applied)
    context.codes = codes_of(context, ("codes",), message.codes)
    context.egress = (*compile_egress(findings, message.egress), *egress)
    destinations = [
        compile_destination(context, ("destinations", index), destination)
        for index, destination in enumerate(message.destinations)
    ]
    known = {
        destination.name: Known(when_unknown(destination), () if compiled is None else compiled.prices)
        for destination, compiled in zip(message.destinations, destinations, strict=True)
    }
    flows = [compile_flow(context, ("flows", index), flow, known) for index, flow in enumerate(message.flows)]
    if not was_applied:
        check_inner_flows(findings, message)
        lint(context, message)
        warn_of_slips(context)
        warn_of_placeholders(context)
    if None in destinations or None in flows:
        return None
    return Catalog(
        version=version,
        destinations={each.name: each for each in destinations if each is not None},
        flows={each.name: each for each in flows if each is not None},
        fields=context.fields,
        sensitive=context.sensitive,
    )


def _context(message: CatalogMessage, findings: Findings, secrets: Secrets, *, keeps_reads: bool) -> Context:
    fields = known_fields(map(_field, message.fields))
    return Context(
        findings=findings,
        fields=fields,
        sensitive=sensitive_names(fields),
        types=types_of(fields),
        secrets=secrets,
        keeps_reads=keeps_reads,
        destinations=frozenset(destination.name for destination in message.destinations if destination.name),
        captured={each.name: frozenset(each.reading.capture) for each in message.destinations},
    )


def _field(message: lead_pb2.Field) -> Field:
    name = lead_pb2.FieldType.Name(message.type).removeprefix("FIELD_TYPE_").lower()
    known = well_known(message.name)
    by_default = FieldType.TEXT if known is None else known.type
    type_ = FieldType(name) if message.type else by_default
    return Field(name=message.name, type=type_, sensitive=message.sensitive)


def _check_names(
    findings: Findings,
    kind: str,
    entries: Sequence[lead_pb2.Field] | Sequence[object],
    pattern: re.Pattern[str],
    rule: str,
) -> None:
    first: dict[str, int] = {}
    for index, entry in enumerate(entries):
        name = str(getattr(entry, "name", ""))
        path = (kind, index)
        if not name:
            findings.absence(path, "needs a `name`")
        elif not pattern.fullmatch(name) or len(name) > MAX_NAME:
            message = f"{named(name)} is no name: {rule}, at most {MAX_NAME} characters"
            findings.problem((*path, "name"), message)
        elif first.setdefault(name, index) != index:
            where = findings.where((kind, first[name]))
            findings.problem((*path, "name"), f"{named(name)} is taken; the first one is at {where}")
