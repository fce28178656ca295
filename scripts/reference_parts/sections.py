"""What can be inserted into the page, by name."""

from scripts.reference_parts import fields, helpers, limits, outcomes, tokens
from scripts.reference_parts.page import Section

SECTIONS: dict[str, Section] = {
    "helpers": helpers.all_helpers,
    "helpers of nothing": helpers.of_nothing,
    "date tokens": tokens.moments,
    "math functions": tokens.functions,
    "types": fields.all_types,
    "statuses": outcomes.statuses,
    "reason codes": outcomes.codes,
    "limits": limits.limits,
}
