"""`format`: a value in a given shape. What it does depends on the pattern: here, `#` masks."""

from leadrelay.core.scope import Read
from leadrelay.core.template.helpers.masks import masked
from leadrelay.core.template.registry import BadCall, Call, prepared
from leadrelay.core.values import text


@prepared(
    ('{{format "5125550123" "(###) ###-####"}}', "(512) 555-0123"),
    ('{{format "+1 512-555-0123" "###.###.####"}}', "512.555.0123"),
    name="format",
    takes=(1, 2),
    options=("format",),
)
def format_(call: Call) -> Read:
    """A value in the shape of a pattern: `#` stands for its digits."""
    value = call.arguments[0]
    pattern = call.arguments[1] if len(call.arguments) > 1 else call.option("format")
    if pattern is None or not pattern.constant:
        raise BadCall('expected a pattern in quotes, such as "(###) ###-####"')
    mask = text(pattern.value)
    if "#" not in mask:
        raise BadCall(f"expected a pattern with `#` for each digit but found `{mask}`")
    return masked(value.read, mask, value.label)
