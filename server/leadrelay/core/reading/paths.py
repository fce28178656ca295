"""Paths into a parsed reply: dotted (`errors.0.message`) or simple JSONPath (`$.errors[0].message`)."""

import re
from collections.abc import Mapping

from leadrelay.core.values import Value, walk

_STEP = re.compile(
    r"""\.?(?:(?P<name>[^.\[\]'"*?@()]+)|\[\s*(?P<index>[0-9]{1,9})\s*\]|\[\s*(?P<quote>['"])(?P<key>[^'"]+)(?P=quote)\s*\])"""
)


class BadPath(Exception):
    """No path that replies are read by; says why."""


def parse_path(path: str) -> tuple[str, ...]:
    """The segments of a path. Raises BadPath."""
    if path.startswith("/"):
        raise BadPath("XPath is for XML bodies, which are not read; use a dotted path or `text`")
    if path.startswith("css:"):
        raise BadPath("CSS selectors are for HTML bodies, which are not read; use `text`")
    rest = path.strip()
    if rest.startswith("$"):
        rest = rest[1:]
        if not rest:
            raise BadPath("`$` alone is the whole reply; name a member, such as `$.status`")
    if not rest or rest.endswith(".") or ".." in rest:
        raise BadPath(f"`{path}` has an empty segment; segments stand between single dots")
    segments: list[str] = []
    at = 0
    while at < len(rest):
        found = _STEP.match(rest, at)
        if found is None or (at > 0 and found["name"] is not None and rest[at] != "."):
            message = "only names, [number] and ['name'] are understood"
            raise BadPath(f"cannot read `{path}` from `{rest[at : at + 12]}` on; {message}")
        segments.append(found["name"] or found["index"] or found["key"])
        at = found.end()
    return tuple(segments)


def follow(tree: Value, path: str, segments: tuple[str, ...]) -> Value:
    """What a path leads to; a member whose own name has dots is found as well."""
    found = walk(tree, segments)
    if found is None and len(segments) > 1 and isinstance(tree, Mapping):
        return tree.get(path)
    return found
