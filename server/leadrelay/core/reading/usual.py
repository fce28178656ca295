"""Where recipients put their words, and their own codes, when nobody says where to look."""

from collections.abc import Mapping
from typing import Any, TypeGuard

from leadrelay.core.reading.content import Content
from leadrelay.core.values import Value, is_blank, leaf

MAX_OWN_TEXT = 1024  # characters; a longer text body is a page and not a sentence
MAX_DEPTH = 8
MAX_CODE_DEPTH = 3
MAX_TOLD = 3  # fields of which it is told what is wrong with them

# By likelihood, without case and punctuation.
_NAMES = (
    "reason",
    "rejectionreason",
    "rejectreason",
    "rejectedreason",
    "failurereason",
    "errormessage",
    "message",
    "msg",
    "errordescription",
    "errordetail",
    "errortext",
    "error",
    "errors",
    "faultstring",
    "description",
    "detail",
    "details",
    "statusmessage",
    "statustext",
    "resultmessage",
    "responsemessage",
    "title",
    "text",
    "#text",
    "comment",
    "comments",
    "note",
)
_CODES = (
    "errorcode",
    "reasoncode",
    "code",
    "errortype",
    "category",
    "type",
    "error",
    "faultcode",
    "statuscode",
)
_OF_FIELDS = ("error", "errors", "details")
_AROUND = frozenset(
    {"result", "response", "data", "status", "fault", "body", "envelope", "lead", "reply", "return"}
)


def usual_words(content: Content) -> Value:
    """What a reply says in the usual places; None where it says nothing there."""
    tree = content.tree_or_none
    if tree is None:
        body = content.text.strip()
        return body if body and len(body) <= MAX_OWN_TEXT and not body.startswith("<") else None
    return _words(tree, MAX_DEPTH)


def usual_code(content: Content) -> str:
    """A recipient's own code in words, such as DUPLICATES_DETECTED; empty where there is none."""
    return _own_code(content.tree_or_none, MAX_CODE_DEPTH)


def _own_code(value: Any, depth: int) -> str:
    if isinstance(value, list):
        value = value[0] if value else None
    if depth == 0 or not isinstance(value, Mapping):
        return ""
    named = {_plain(name): item for name, item in reversed(list(value.items())[:200])}
    for name in _CODES:
        code = named.get(name)
        if isinstance(code, str) and not is_blank(code) and not code.strip().isdigit():
            return code
    inside = (named.get(name) for name in ("error", "errors", "fault", "response", "result"))
    return next((code for one in inside if (code := _own_code(one, depth - 1))), "")


def _words(value: Any, depth: int) -> str | None:
    if isinstance(value, str):
        return None if is_blank(value) else value
    if depth == 0:
        return None
    if isinstance(value, list):
        return next((words for item in value[:10] if (words := _words(item, depth - 1))), None)
    return _in_object(value, depth) if isinstance(value, Mapping) else None


def _in_object(value: Mapping[str, Any], depth: int) -> str | None:
    said = leaf(value)
    if isinstance(said, str):  # an element with attributes
        return said or None
    named = {_plain(name): item for name, item in reversed(list(value.items())[:200])}
    for name in _NAMES:
        item = named.get(name)
        words = _by_field(item) if name in _OF_FIELDS and _is_by_field(item) else _words(item, depth - 1)
        if words:
            return words
    for name, item in value.items():
        if not isinstance(item, str) and (len(value) == 1 or _is_around(name)):
            words = _words(item, depth - 1)
            if words:
                return words
    return None


def _is_around(name: str) -> bool:
    """Whether a name is that of an envelope, such as `AddLeadResponse`."""
    return _plain(name) in _AROUND or name.endswith(("Result", "Response"))


def _is_by_field(errors: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether it is told field by field what is wrong: `{"errors": {"phone": ["is invalid"]}}`."""
    return isinstance(errors, Mapping) and not any(
        _plain(name) in _NAMES or _plain(name) in _CODES or _is_around(name) for name in errors
    )


def _by_field(errors: Mapping[str, Any]) -> str | None:
    told = [f"{field}: {words}" for field, each in errors.items() if (words := _words(each, 2))]
    return "; ".join(told[:MAX_TOLD]) or None


def _plain(name: str) -> str:
    """A name as the lists above have it; an attribute of XML is named like a member, several like one."""
    plain = name.lower().removeprefix("@").replace("_", "").replace("-", "").replace(" ", "")
    one = plain.removesuffix("s")
    return one if one in _NAMES and plain not in _NAMES else plain
