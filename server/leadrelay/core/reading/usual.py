"""Where recipients put their words when nobody says where to look."""

from collections.abc import Mapping
from typing import Any

from leadrelay.core.reading.content import Content
from leadrelay.core.values import Value, is_blank, leaf

MAX_OWN_TEXT = 1024  # characters; a longer text body is a page and not a sentence
MAX_DEPTH = 8
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
        words = _words(named.get(name), depth - 1) or _by_field(name, named.get(name))
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


def _by_field(name: str, errors: Any) -> str | None:
    """`{"errors": {"phone": ["is invalid"]}}`, as web frameworks tell what is wrong with a form."""
    if name not in ("error", "errors", "details") or not isinstance(errors, Mapping):
        return None
    told = [f"{field}: {words}" for field, each in errors.items() if (words := _words(each, 2))]
    return "; ".join(told[:MAX_TOLD]) or None


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")
