"""Which values plain YAML words are: the core schema of YAML 1.2.2 (10.3.2), and nothing more.

So `no`, `on`, `NO` and dates stay the texts they are, which readers of YAML 1.1 turn into something else.
"""

import re

from leadrelay.edges.catalog.problems import named

Plain = None | bool | int | float | str

TAG = "tag:yaml.org,2002:"
LONGEST_NUMBER = 100  # characters; more is an account number, not an amount

_WORDS: dict[str, Plain] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITY = re.compile(r"[-+]?\.(inf|Inf|INF)")
_NOT_A_NUMBER = re.compile(r"\.(nan|NaN|NAN)")


class NotThatTag(ValueError):
    """The text cannot be what its tag says, or the tag is none of the core schema."""


def resolve(text: str) -> Plain:
    """The value of a plain word without a tag. A number beyond all sense stays text."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > LONGEST_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text):
        return int(text[2:], 8)
    if _HEXADECIMAL.fullmatch(text):
        return int(text[2:], 16)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _INFINITY.fullmatch(text):
        return float(text.replace(".", ""))
    return float("nan") if _NOT_A_NUMBER.fullmatch(text) else text


def resolve_tagged(text: str, tag: str) -> Plain:
    """The value of a word under an explicit tag. Raises NotThatTag."""
    name = tag.removeprefix(TAG)
    if name == "str":
        return text
    wanted = {"null": type(None), "bool": bool, "int": int, "float": float}.get(name)
    if wanted is None or not tag.startswith(TAG):
        raise NotThatTag(f"the tag {named(tag)} is not allowed here")
    value = resolve(text)
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        raise NotThatTag(f"this is tagged as {name} and cannot be read as one")
    return value
