"""Plain values in, a `Lead` message out. Nothing is rounded, cut or guessed on the way.

Messages name the field that cannot be sent and never its value, which belongs to a consumer.
"""

import math
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from google.protobuf.struct_pb2 import ListValue, NullValue, Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp

from leadrelay_client.v1.lead_pb2 import Lead, Submission

# Text, numbers, booleans and None are fields; mappings and lists travel nested. A narrower type would refuse
# what people write: that of {"name": "Ann", "amount": 1} is dict[str, object].
Answers = Mapping[str, object]

MAX_EXACT = 2**53  # protobuf's nested numbers are doubles, which hold whole numbers only up to here
# Protobuf reads messages of a hundred levels. A mapping takes three of them and a list two, and five or six
# lie above the first.
LEVELS, OF_A_MAPPING, OF_A_LIST = 95, 3, 2
SHOWN = 60  # characters of a path


def lead_of(
    answers: Answers, *, source: str = "", submitted_at: datetime | None = None, ip: str = ""
) -> Lead:
    """A lead from its answers by field name; None is left out, numbers become text digit for digit."""
    if not isinstance(answers, Mapping):
        raise TypeError(f"a lead is a mapping from field names to answers, not {type(answers).__name__}")
    lead = Lead(source=source)
    for name, answer in answers.items():
        if not isinstance(name, str):
            raise TypeError(f"a field's name is text, not {type(name).__name__}")
        _utf8(ascii(name), name)
        if isinstance(answer, Mapping | list | tuple):
            lead.nested.fields[name].CopyFrom(_nested(name, answer))
        elif answer is not None:
            lead.fields[name] = _text(name, answer)
    if submitted_at is not None or ip:
        when = None if submitted_at is None else timestamp(submitted_at)
        lead.submission.CopyFrom(Submission(timestamp=when, ip=ip))
    return lead


def timestamp(moment: datetime) -> Timestamp:
    """A moment that means the same everywhere: without a time zone it is refused."""
    if moment.tzinfo is None:
        raise ValueError("a time needs a time zone, for example datetime.now(UTC)")
    stamp = Timestamp()
    try:
        stamp.FromDatetime(moment)
    except OverflowError:
        raise ValueError("a time has to be one of the years 1 to 9999 in UTC, too") from None
    return stamp


def _text(name: str, answer: object) -> str:
    if isinstance(answer, str):
        return _utf8(name, answer)
    if isinstance(answer, bool):
        return "true" if answer else "false"
    if isinstance(answer, int):
        return str(int(answer))
    if isinstance(answer, float | Decimal):
        # repr is the shortest text that reads back as the same float; "f" spells exponents out.
        number = Decimal(repr(float(answer))) if isinstance(answer, float) else answer
        if number.is_finite():
            return format(number, "f")
        raise ValueError(f"field {name} is not a finite number")
    raise TypeError(
        f"field {name} is {type(answer).__name__}; give text, a number, a boolean, a list or a mapping"
    )


def _nested(path: str, answer: object, levels: int = LEVELS) -> Value:
    if levels < 0:
        raise ValueError(f"{path[:SHOWN]}... is nested deeper than a lead may be, which is some 30 levels")
    if answer is None:
        return Value(null_value=NullValue.NULL_VALUE)
    if isinstance(answer, str):
        return Value(string_value=_utf8(path, answer))
    if isinstance(answer, bool):
        return Value(bool_value=answer)
    if isinstance(answer, int | float):
        return Value(number_value=_double(path, answer))
    if isinstance(answer, Mapping):
        return Value(struct_value=Struct(fields=_nested_fields(path, answer, levels - OF_A_MAPPING)))
    if isinstance(answer, list | tuple):
        below = levels - OF_A_LIST
        values = [_nested(f"{path}.{index}", each, below) for index, each in enumerate(answer)]
        return Value(list_value=ListValue(values=values))
    raise TypeError(f"{path} is {type(answer).__name__}, which cannot be nested; give it as text")


def _nested_fields(path: str, answers: Mapping[object, object], levels: int) -> dict[str, Value]:
    fields = {}
    for name, answer in answers.items():
        if not isinstance(name, str):
            raise TypeError(f"a name in {path} is text, not {type(name).__name__}")
        _utf8(f"{path}.{name!a}", name)
        fields[name] = _nested(f"{path}.{name}", answer, levels)
    return fields


def _utf8(path: str, text: str) -> str:
    """Half a surrogate pair is text in Python and nowhere else; its error would repeat the text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"field {path} is not text that UTF-8 can carry") from None
    return text


def _double(path: str, number: float) -> float:
    if isinstance(number, int) and abs(number) > MAX_EXACT:
        raise ValueError(f"{path} has more digits than a nested number holds; give it as text")
    if not math.isfinite(number):
        raise ValueError(f"{path} is not a finite number")
    return float(number)
