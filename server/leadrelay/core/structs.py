"""JSON-like data as google.protobuf.Struct and back: the lead's nested answers, and what replies said.

Built field by field, because both are on the path of every lead.
"""

import math
from collections.abc import Mapping
from decimal import Decimal
from operator import itemgetter
from typing import Any, Final

from google.protobuf.struct_pb2 import NULL_VALUE, Struct, Value

from leadrelay.core.values import to_json

# Protobuf libraries refuse messages of more than a hundred levels, of which an object in a Struct takes three
# and a list two. A reply may be nested deeper, and must not make its event unreadable; a lead that came in
# a request of its own goes out in one.
LEVELS_OF_A_REPLY: Final = 72
LEVELS_OF_A_LEAD: Final = 96
_NAME: Final = itemgetter(0)
MAX_EXACT: Final = 2**53  # a double holds whole numbers up to here


def struct(values: Mapping[str, Any], levels: int = LEVELS_OF_A_REPLY) -> Struct:
    """JSON-like data as a Struct. What a Struct cannot hold becomes text: long numbers, and deep nesting."""
    message = Struct()
    for name, value in values.items():
        _fill(message.fields[name], value, levels)
    return message


def data(message: Struct) -> dict[str, Any]:
    """A Struct as JSON-like data; numbers without a fraction are whole again.

    A Struct has no order, and what is read of it is another in every process; here names have one, so that
    a lead is sent after a restart, and shown by a preview, as it is sent at first.
    """
    return {name: _datum(value) for name, value in sorted(message.fields.items(), key=_NAME)}


def _datum(value: Value) -> Any:
    match value.WhichOneof("kind"):
        case "string_value":
            return value.string_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() and abs(number) <= MAX_EXACT else number
        case "bool_value":
            return value.bool_value
        case "struct_value":
            return data(value.struct_value)
        case "list_value":
            return [_datum(item) for item in value.list_value.values]
        case _:
            return None


def _fill(message: Value, value: Any, levels: int) -> None:
    if isinstance(value, str):
        message.string_value = value
    elif isinstance(value, bool):
        message.bool_value = value
    elif isinstance(value, int | float | Decimal):
        _fill_number(message, value)
    elif value is None:
        message.null_value = NULL_VALUE
    elif levels < (3 if isinstance(value, Mapping) else 2):
        message.string_value = to_json(value).decode()
    elif isinstance(value, Mapping):
        fields = message.struct_value.fields
        for name, item in value.items():
            _fill(fields[name], item, levels - 3)
        if not value:
            message.struct_value.SetInParent()
    else:
        items = message.list_value.values
        for item in value:
            _fill(items.add(), item, levels - 2)
        if not value:
            message.list_value.SetInParent()


def _fill_number(message: Value, number: int | float | Decimal) -> None:
    if not math.isfinite(number):
        message.null_value = NULL_VALUE  # as JSON has it, too
    elif not isinstance(number, float) and not -MAX_EXACT <= number <= MAX_EXACT:
        message.string_value = str(number)
    else:
        message.number_value = float(number)
