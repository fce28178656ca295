"""`math`: a number computed from others."""

from leadrelay.core.scope import Read
from leadrelay.core.template.arithmetic import BadExpression, compile_math
from leadrelay.core.template.registry import BadCall, Call, prepared


@prepared(
    ('{{math "52000 / 12"}}', "4333.33333333333"),
    ('{{math "roundTo(52000 / 12, 2)"}}', "4333.33"),
    ('{{math "2 ^ 10 > 1000 ? max(1, 2, 3) : 0"}}', "3"),
    name="math",
    takes=(1, 1),
)
def math(call: Call) -> Read:
    """What an expression over fields comes to, exactly; null where one of them is no number.

    Numbers are decimals, so that `0.1 + 0.2` is 0.3; of a division or a root 15 digits remain.
    """
    source = call.arguments[0].value
    if not isinstance(source, str) or not call.arguments[0].constant:
        raise BadCall('expected an expression in quotes, such as "loan_amount / 12"')
    try:
        return compile_math(source, call.path)
    except BadExpression as error:
        raise BadCall(f"{error} in `{source}`") from error
