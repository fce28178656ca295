"""The limits that keep a catalog, or a hostile lead, from costing more than its share."""

from scripts.reference_parts.markdown import table

from leadrelay.core import condition, lead, mapping
from leadrelay.core.encoding import fixed_width, payload
from leadrelay.core.reading import budget, compiling, json_body, kept
from leadrelay.core.template import cursor, errors, parser, pattern, rendering

LIMITS = (
    ("a template", parser.MAX_SOURCE, "characters"),
    ("blocks, parentheses and calls inside each other", cursor.MAX_DEPTH, "levels"),
    ("what one template, or one helper, prints", errors.MAX_OUTPUT, "characters"),
    ("rounds of all `#each` of one delivery", rendering.MAX_ROUNDS, ""),
    ("a regular expression", pattern.MAX_PATTERN, "characters"),
    ("rules of a mapping", mapping.MAX_RULES, ""),
    ("a path in `to`", mapping.MAX_PATH, "characters"),
    ("nesting of a payload", payload.MAX_SEGMENTS, "levels"),
    ("a fixed-width record", fixed_width.MAX_RECORD, "characters"),
    ("rules of a reading", compiling.MAX_RULES, ""),
    ("a recipient's words, and its reference, as they are kept", kept.MAX_WORDS, "characters"),
    ("what is kept of a reply for later steps", kept.MAX_APPENDED, "bytes of JSON"),
    ("places that one path looks at in a reply", budget.MAX_LOOKED_AT, ""),
    ("nesting of a reply", json_body.MAX_DEPTH, "levels"),
    ("a condition with its values, as it is recorded", condition.MAX_EXPLANATION, "characters"),
    ("fields of a lead", lead.MAX_FIELDS, ""),
    ("the name of a field", lead.MAX_NAME, "characters"),
    ("one value", lead.MAX_VALUE_BYTES, "bytes"),
    ("a whole lead", lead.MAX_LEAD_BYTES, "bytes"),
)


def limits() -> str:
    return table(["what", "at most"], [[what, f"{most:,} {unit}".strip()] for what, most, unit in LIMITS])
