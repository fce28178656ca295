"""The parts that paths may name are those that types really have (behaviour 3.4)."""

import pytest

from leadrelay.core.fields import READERS, FieldType
from leadrelay.core.typed.parts import PARTS, parts_of

NOW = 1_700_000_000_000_000_000
TEXTS = {
    FieldType.PHONE: ("(512) 555-0148 x12", "+44 20 7946 0958", "512 555 0148 c"),
    FieldType.EMAIL: ("ada@example.com",),
    FieldType.STATE: ("texas",),
    FieldType.POSTAL_CODE: ("78701-1234", "k1a0b6", "sw1a 1aa"),
    FieldType.DOB: ("3/9/1988",),
    FieldType.DATE: ("3/9/1988",),
    FieldType.TIME: ("2023-11-14 4:13 PM", "5pm"),
    FieldType.NUMBER: ("5",),
    FieldType.RANGE: ("50-75k", "100k+"),
    FieldType.BOOLEAN: ("yes",),
    FieldType.GENDER: ("F",),
    FieldType.SSN: ("219-09-9999",),
    FieldType.STREET: ("12 Main St",),
    FieldType.URL: ("https://example.com:8443/a?b=c#d",),
    FieldType.IP: ("203.0.113.7",),
}


@pytest.mark.parametrize("type_", [type_ for type_ in FieldType if READERS[type_] in PARTS])
def test_every_part_is_known_and_none_that_no_text_has(type_: FieldType) -> None:
    read = READERS[type_]
    own = PARTS[read]
    texts = [read(text) for text in TEXTS[type_]]
    assert all(typed.valid for typed in texts)
    assert {part for typed in texts for part in getattr(typed, "parts", ())} <= set(own)
    assert {name for name in own if all(typed.part(name, NOW) is None for typed in texts)} == set()


def test_a_free_text_may_be_an_object_of_any_members() -> None:
    assert parts_of(READERS[FieldType.TEXT]) is None
    assert parts_of(READERS[FieldType.NUMBER]) == ("raw", "normal", "valid")
