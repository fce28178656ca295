"""Paths into a JSON body that do not nest as they look: inside of a value, or with brackets in names."""

import re

from leadrelay.core.encoding.body import Format
from leadrelay.core.encoding.payload import segments_of
from leadrelay.core.template import TemplateError, TemplateKind, compile_template
from leadrelay.edges.catalog.compile_body import body_of
from leadrelay.edges.catalog.compile_mapping import plain_value
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.problems import named
from leadrelay.v1 import destination_pb2 as pb

_ENTRY = re.compile(r"(?<=[^.])\[([0-9]+)\]")


def warn_of_nesting(context: Context, path: Path, destination: pb.Destination) -> None:
    """Note a warning for each rule whose path leads elsewhere than it seems to."""
    if not _is_json(destination):
        return
    first: dict[tuple[str, ...], int] = {}
    for index, rule in enumerate(destination.mapping):
        if _ENTRY.search(rule.to):
            meant = _ENTRY.sub(r".\1", rule.to)
            words = f"{named(rule.to)} has a name with brackets in it; an entry of a list is {named(meant)}"
            context.findings.warning((*path, "mapping", index, "to"), words)
        first.setdefault(segments_of(rule.to), index)
    for segments, index in first.items():
        for end in range(1, len(segments)):
            outer = first.get(segments[:end])
            if outer is not None:
                _warn_of_loss(context, (*path, "mapping"), destination, outer, index)


def _warn_of_loss(context: Context, path: Path, destination: pb.Destination, outer: int, inner: int) -> None:
    whole, part = destination.mapping[outer], destination.mapping[inner]
    if whole.when or part.when or _may_hold_others(context, whole):
        return
    where = context.findings.where((*path, outer))
    words = f"{named(part.to)} is inside of {named(whole.to)}, which is a value of its own at {where}"
    context.findings.warning((*path, inner), f"{words}; only the later of the two is sent")


def _may_hold_others(context: Context, rule: pb.MappingRule) -> bool:
    """Whether a value may be a list or an object, into which others can be put."""
    value = plain_value(rule.value)
    if not isinstance(value, str):
        return isinstance(value, list)
    try:
        template = compile_template(value, context.types)
    except TemplateError:  # which has been told
        return True
    return template.kind is TemplateKind.VARIABLE and template.field not in context.types


def _is_json(destination: pb.Destination) -> bool:
    match destination.WhichOneof("protocol"):
        case "rest":
            is_query = destination.rest.method in ("GET", "HEAD", "DELETE")
            by_default = Format.QUERY if is_query else Format.JSON
            return body_of(destination.rest.body, by_default).format is Format.JSON
        case "webhook":
            return body_of(destination.webhook.body, Format.JSON).format is Format.JSON
    return False
