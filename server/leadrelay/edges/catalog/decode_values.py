"""One YAML scalar -> one value of a proto field, or what was found and what is wanted instead."""

import re
from datetime import datetime
from decimal import Decimal
from functools import cache

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from leadrelay.edges.catalog.nodes import Listing, Node, Scalar, Table
from leadrelay.edges.catalog.problems import did_you_mean, named


class Unfit(Exception):
    """The value cannot stand where it does; the message says what can."""


F = FieldDescriptor
_RANGES = {
    F.TYPE_INT32: (-(2**31), 2**31 - 1),
    F.TYPE_UINT32: (0, 2**32 - 1),
    F.TYPE_INT64: (-(2**63), 2**63 - 1),
    F.TYPE_UINT64: (0, 2**64 - 1),
}
_LONG = (F.TYPE_INT64, F.TYPE_UINT64)  # proto JSON writes them as texts
_JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_YES_AND_NO = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
MAX_EXACT = 2**53  # whole numbers above it change when they become floating point


def found(node: Node) -> str:
    """What a node is, without its text: that may be a credential."""
    if isinstance(node, Listing):
        return "a list"
    if isinstance(node, Table):
        return "a mapping"
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return "a number"
    return "nothing" if value is None else "a text"


def scalar(field: FieldDescriptor, node: Node) -> str | bool | int | float:
    """The value of a singular field, or of one entry of a repeated one. Raises Unfit."""
    if field.type == F.TYPE_STRING:
        return _text(node)
    if field.type == F.TYPE_BOOL:
        return _boolean(node)
    if field.enum_type is not None:
        return enum(field.enum_type, node)
    if field.type == F.TYPE_DOUBLE:
        return _double(node)
    return _integer(node, *_RANGES[field.type], may_be_text=field.type in _LONG)


def _text(node: Node) -> str:
    if isinstance(node, Scalar):
        if isinstance(node.value, str):
            return node.value
        if node.value is not None:
            raise Unfit(f'expected a text, found {_seen(node)}; write it in quotes: "{node.text}"')
    raise Unfit(f"expected a text, found {found(node)}")


def _boolean(node: Node) -> bool:
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return node.value
    meant = _YES_AND_NO.get(node.text.lower()) if isinstance(node, Scalar) else None
    if isinstance(node, Scalar) and node.text.lower() in ("true", "false"):
        meant = f"{node.text.lower()}, without quotes"
    raise Unfit(f"expected true or false, found {found(node)}" + (f"; write {meant}" if meant else ""))


def _double(node: Node) -> float:
    value = node.value if isinstance(node, Scalar) else None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Unfit(f"expected a number, found {_seen(node)}")
    if value - value != 0:  # infinite, or not a number
        raise Unfit("expected a finite number")
    return float(value)


def _integer(node: Node, least: int, most: int, *, may_be_text: bool) -> int:
    value = node.value if isinstance(node, Scalar) else None
    if may_be_text and isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,20}", value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unfit(f"expected a whole number, found {_seen(node)}")
    if not least <= value <= most:
        raise Unfit(f"expected a whole number from {least} to {most}, found {_seen(node)}")
    return value


@cache
def short_names(descriptor: EnumDescriptor) -> dict[str, int]:
    """The values of an enum as a catalog writes them: `hold` for WHEN_UNKNOWN_HOLD."""
    prefix = descriptor.values[0].name.removesuffix("UNSPECIFIED")
    return {
        re.sub(r"(?<=\d)_(?=\d)", ".", value.name.removeprefix(prefix).lower()): value.number
        for value in descriptor.values[1:]
    }


_NULLS = ("null", "Null", "NULL", "~")


def says_null(descriptor: EnumDescriptor | None, node: Node) -> bool:
    """Whether YAML's null is written where an enum has a value of that name, as `empty: null` has it."""
    is_written = isinstance(node, Scalar) and node.value is None and node.text in _NULLS
    return is_written and descriptor is not None and "null" in short_names(descriptor)


def enum(descriptor: EnumDescriptor, node: Node) -> int:
    """An enum value by its short name or its full one. Raises Unfit."""
    names = short_names(descriptor)
    if says_null(descriptor, node):
        return names["null"]
    if not isinstance(node, Scalar) or node.value is None:
        raise Unfit(f"expected one of {', '.join(sorted(names))}, found {found(node)}")
    full = descriptor.values_by_name.get(node.text)
    number = full.number if full else names.get(node.text)
    if not number:  # the unspecified one is said by leaving the key out
        meant = did_you_mean(node.text, names, otherwise="it is one of")
        raise Unfit(f"unknown value {named(node.text)}{meant}")
    return number


_UNITS = {"ms": Decimal("0.001"), "s": Decimal(1), "m": Decimal(60), "h": Decimal(3600), "d": Decimal(86400)}
_DURATION = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)(ms|s|m|h|d)")
_BARE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")
LONGEST = 10 * 366 * 86400  # seconds; years mean a slip of the unit


def duration(node: Node) -> Duration:
    """`500ms`, `5s`, `0.5s`, `5m`, `2h` or `3d`. Raises Unfit."""
    written = node.text.strip() if isinstance(node, Scalar) and node.value is not None else ""
    if _BARE.fullmatch(written):
        raise Unfit(f'a duration needs its unit: write "{written}s" for seconds')
    match = _DURATION.fullmatch(written)
    if match is None:
        raise Unfit('expected a duration: a number with one unit, such as "500ms", "5s", "2m", "2h" or "3d"')
    seconds = Decimal(match[1]) * _UNITS[match[2]]
    if seconds > LONGEST:
        raise Unfit("a duration of more than ten years cannot be meant")
    whole = int(seconds)
    return Duration(seconds=whole, nanos=int((seconds - whole) * 10**9))


def timestamp(node: Node) -> Timestamp:
    """ISO 8601 with its time zone. Raises Unfit."""
    written = node.text.strip() if isinstance(node, Scalar) and node.value is not None else ""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise Unfit("expected a moment in ISO 8601, such as 2026-05-04T15:30:00Z") from None
    if moment.tzinfo is None:
        raise Unfit(f"a moment needs its time zone: write {moment.isoformat()}Z for UTC")
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp


def json_number(node: Scalar) -> float:
    """A number that will be sent as one. Raises Unfit for what would not arrive as it was written.

    `00501` and `+15555550100` are numbers to YAML and a ZIP code and a phone to everybody else.
    """
    value = node.value
    if not isinstance(value, int | float) or not _JSON_NUMBER.fullmatch(node.text):
        raise Unfit(f'{named(node.text)} would be sent as another number; write it in quotes: "{node.text}"')
    if isinstance(value, int) and abs(value) > MAX_EXACT:
        raise Unfit(f'{named(node.text)} is too large to be sent exactly; write it in quotes: "{node.text}"')
    if value - value != 0:
        raise Unfit(f"{named(node.text)} is no number that can be sent")
    return float(value)


def _seen(node: Node) -> str:
    """As `found`, with the number where it is one: fields of numbers hold no credentials."""
    if isinstance(node, Scalar) and found(node) == "a number":
        return f"the number {node.text}"
    return found(node)
