"""The mapping of a destination: what of a lead is sent, and under which names."""

from collections.abc import Iterator
from typing import Any

from google.protobuf.struct_pb2 import Value

from leadrelay.core.condition import compile_condition
from leadrelay.core.mapping import Empty, Mapping, PassThrough, Rule, compile_mapping
from leadrelay.core.template import compile_template
from leadrelay.core.values import ABSENT, MAX_EXACT, NotCompiled
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.knowing import check_words
from leadrelay.v1 import destination_pb2 as pb

_EMPTY = {
    pb.EMPTY_UNSPECIFIED: Empty.OMIT,
    pb.EMPTY_OMIT: Empty.OMIT,
    pb.EMPTY_SEND: Empty.SEND,
    pb.EMPTY_NULL: Empty.NULL,
}
_PASS_THROUGH = {pb.PASS_THROUGH_LISTED: PassThrough.LISTED, pb.PASS_THROUGH_ALL: PassThrough.ALL}


def compile_destination_mapping(context: Context, path: Path, message: pb.Destination) -> Mapping | None:
    """The compiled mapping, or None after every problem with it has been noted."""
    rules = [_rule(context, (*path, "mapping", index), rule) for index, rule in enumerate(message.mapping)]
    # A webhook without a mapping sends the whole lead, and so does one leadrelay to another (behaviour 4.1).
    takes_whole = message.HasField("webhook") or message.HasField("direct")
    by_default = PassThrough.ALL if takes_whole and not message.mapping else PassThrough.LISTED
    try:
        mapping = compile_mapping(
            rules,
            pass_through=_PASS_THROUGH.get(message.pass_through, by_default),
            sensitive=context.sensitive,
            types=context.types,
        )
    except NotCompiled as error:
        context.complain_all(path, error, "mapping")
        return None
    for index, rule in enumerate(rules) if context.keeps_reads else ():
        _remember_reads(context, (*path, "mapping", index), rule)
    return mapping


def _rule(context: Context, path: Path, rule: pb.MappingRule) -> Rule:
    """A rule as the core wants it; what could not be read is stood in for, since that has been told."""
    is_damaged = context.findings.is_damaged(path)
    value = plain_value(rule.value) if rule.HasField("value") else ABSENT
    default = plain_value(rule.default) if rule.HasField("default") else ABSENT
    if is_damaged and value is ABSENT:
        value = None
    if not rule.when and context.findings.is_written((*path, "when")) and not is_damaged:
        context.condition((*path, "when"), "")
    to = rule.to or ("unread" if is_damaged else "")
    return Rule(
        to=to,
        value=value,
        when=rule.when,
        default=default,
        required=rule.required,
        empty=_EMPTY[rule.empty],
    )


def _remember_reads(context: Context, path: Path, rule: Rule) -> None:
    """Which fields each part of a rule reads; the core only tells it of the whole mapping."""
    if rule.when:
        context.reads((*path, "when"), compile_condition(rule.when, context.types))
        check_words(context, (*path, "when"), rule.when)
    for part, value in (("value", rule.value), ("default", rule.default)):
        for place, text in _texts((*path, part), value):
            context.reads(place, compile_template(text, context.types))


def _texts(path: Path, value: Any) -> Iterator[tuple[Path, str]]:
    """The templates in a value, each with its place."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts((*path, index), item)
    elif isinstance(value, str):
        yield path, value


def plain_value(value: Value) -> Any:
    """A protobuf Value as Python has it."""
    match value.WhichOneof("kind"):
        case "list_value":
            return [plain_value(item) for item in value.list_value.values]
        case "struct_value":
            return {name: plain_value(item) for name, item in value.struct_value.fields.items()}
        case "number_value":
            number = value.number_value  # protobuf knows only floats, and 5 is meant as 5
            return int(number) if number.is_integer() and abs(number) < MAX_EXACT else number
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
    return None
