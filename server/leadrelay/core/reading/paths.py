"""Paths into a parsed reply: dotted (`errors.0.message`), simple JSONPath (`$.errors[0].message`), and
XPath from `/` for XML. A dotted path leads into XML too, from its root: `Envelope.Body.Result.@id`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from leadrelay.core.reading.xml_paths import BadXPath, Step, dotted_steps, parse_xpath
from leadrelay.core.values import Value, walk

_STEP = re.compile(
    r"""\.?(?:(?P<name>@?[^.\[\]'"*?@()]+(?:@[^.\[\]'"*?@()]+)?)|\[\s*(?P<index>[0-9]{1,9})\s*\]|\[\s*(?P<quote>['"])(?P<key>[^'"]+)(?P=quote)\s*\])"""
)


class BadPath(Exception):
    """No path that replies are read by; says why."""


@dataclass(frozen=True, slots=True)
class Path:
    """Where to look in a reply, whatever kind its body turns out to be."""

    text: str
    segments: tuple[str, ...]  # into JSON and forms; none: it is for XML alone
    steps: tuple[Step, ...]  # into XML


def parse_path(path: str) -> Path:
    """The path. Raises BadPath."""
    if path.startswith("css:"):
        raise BadPath("CSS selectors are for HTML bodies, which are not read; use `text`")
    if path.startswith("/"):
        try:
            return Path(path, (), parse_xpath(path))
        except BadXPath as error:
            raise BadPath(str(error)) from error
    segments = _segments(path)
    return Path(path, segments, dotted_steps(segments))


def _segments(path: str) -> tuple[str, ...]:
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


def follow(tree: Value, path: Path) -> Value:
    """What a path leads to in a tree; a member whose own name has dots is found as well."""
    found = walk(tree, path.segments)
    if found is None and len(path.segments) > 1 and isinstance(tree, Mapping):
        return tree.get(path.text)
    return found
