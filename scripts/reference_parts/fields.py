"""The types of fields: which fields have them, and what becomes of texts that people send."""

from scripts.reference_parts.helpers import NOW
from scripts.reference_parts.markdown import code, table, value
from scripts.reference_parts.page import BadPage, slug

from leadrelay.core.fields import READERS, SENSITIVE_TYPES, WELL_KNOWN, FieldType
from leadrelay.core.values import Typed

TEXTS: dict[FieldType, tuple[str, ...]] = {
    FieldType.PHONE: (
        "(512) 555-0148",
        "1.512.555.0148 ext 12",
        "+44 20 7946 0958",
        "512 555 0148 c",
        "555-0148",
        "call me",
    ),
    FieldType.EMAIL: (" Ada.Lee@Example.COM ", "ada(at)example.com"),
    FieldType.STATE: ("texas", "tx", "Québec", "Bavaria"),
    FieldType.POSTAL_CODE: ("02134", "78701-1234", "k1a0b6", "sw1a 1aa", "2134"),
    FieldType.DOB: ("3/9/1988", "March 9, 1988", "3/9/54", "1988"),
    FieldType.DATE: ("11/14/2023", "2023-11-14T22:13", "14/11/2023", "3/9/54", "next week"),
    FieldType.TIME: ("2023-11-14 4:13 PM -0600", "1700000000", "5:30 pm", "evening"),
    FieldType.NUMBER: ("$52,400", "52400.50", "25k", "(1,100)", "1.100,50", "lots"),
    FieldType.RANGE: ("$50,000 - $75,000", "50-75k", "100k+", "under 25,000", "700"),
    FieldType.BOOLEAN: ("yes", "T", "0", "maybe"),
    FieldType.GENDER: ("F", "male", "non-binary"),
    FieldType.SSN: ("219-09-9999", "000-12-3456"),
    FieldType.STREET: ("12  Main St", "221B Baker St, Flat 2", "PO Box 99"),
    FieldType.URL: ("WWW.Example.com/Offer?a=1", "https://example.com:8443/", "offer"),
    FieldType.IP: ("203.0.113.7", "[::ffff:203.0.113.7]:443", "2001:DB8:0:0::1", "unknown"),
    FieldType.TEXT: ("  Call after five ",),
    FieldType.CREDENTIAL: (" pa55 ",),
}
NOT_VALID = "not valid"
OF_THE_DAY = ("age",)  # parts that are worked out when they are asked for


def all_types() -> str:
    """A table for each type."""
    if missing := set(FieldType) - TEXTS.keys():
        raise BadPage(f"the types {sorted(missing)} have no texts in TEXTS")
    index = " · ".join(f"[{type_}](#{slug(type_)})" for type_ in TEXTS)
    return "\n\n".join([f"The types: {index}.", *map(_section, TEXTS)])


def _section(type_: FieldType) -> str:
    rows, shown = [], dict[str, str]()
    for raw in TEXTS[type_]:
        typed = READERS[type_](raw)
        parts = _parts(typed)
        news = [f"{code(name)} {part}" for name, part in parts.items() if shown.get(name) != part]
        shown = shown or parts
        goes_out = typed.normal if typed.valid else typed.raw
        rows.append([value(raw), value(goes_out), ", ".join(news) if typed.valid else NOT_VALID])
    return f"#### {type_}\n\n{_fields(type_)}\n\n{table(['a source sends', 'goes out as', 'parts'], rows)}"


def _fields(type_: FieldType) -> str:
    names = [code(name) for name, field in WELL_KNOWN.items() if field.type is type_]
    sensitive = ", all of them sensitive" if type_ in SENSITIVE_TYPES else ""
    return f"Fields: {' '.join(names)}{sensitive}." if names else "No field has it by itself."


def _parts(typed: Typed) -> dict[str, str]:
    """The parts that a text has, as JSON."""
    found = {name: typed.part(name, NOW) for name in [*getattr(typed, "parts", ()), *OF_THE_DAY]}
    return {name: value(part) for name, part in found.items() if part is not None}
