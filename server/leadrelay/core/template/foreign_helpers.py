"""What other template languages have helpers for and is said otherwise here: an error can tell how."""

_COMPARING = {
    **dict.fromkeys(("eq", "equal", "equals", "isequal", "ifequal", "ifequals", "ifeq", "compare"), "=="),
    **dict.fromkeys(
        ("ne", "neq", "notequal", "notequals", "isnotequal", "ifnotequals", "unlessequals"), "!="
    ),
    "gt": ">",
    "gte": ">=",
    "lt": "<",
    "lte": "<=",
}
_OTHERWISE = {
    **dict.fromkeys(("add", "plus", "sum"), 'math "a + b"'),
    **dict.fromkeys(("subtract", "minus"), 'math "a - b"'),
    **dict.fromkeys(("multiply", "times"), 'math "a * b"'),
    **dict.fromkeys(("divide", "dividedby"), 'math "a / b"'),
    **dict.fromkeys(("moment", "date", "dateformat", "formatdate", "numberformat", "formatnumber"), "format"),
    **dict.fromkeys(("coalesce", "ifnull", "fallback"), "default a b"),
    "lookup": "a.0",
}


def comparison_of(helper: str) -> str:
    """How two values are compared here as a helper or a block of others does; empty where it does not."""
    sign = _COMPARING.get(_plain(helper))
    return f"a {sign} b" if sign else ""


def instead_of(helper: str) -> str:
    """What stands here for a helper of others; empty where nothing does."""
    return comparison_of(helper) or _OTHERWISE.get(_plain(helper), "")


def _plain(helper: str) -> str:
    return helper.lower().replace("_", "").replace("-", "")
