"""Where a reply says something: a path, a template over the reply, a header, or a regular expression."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from leadrelay.core.reading.charset import header_text
from leadrelay.core.reading.content import Content
from leadrelay.core.reading.jsonpath import BadPath
from leadrelay.core.reading.paths import NO_NAMESPACES, parse_path
from leadrelay.core.scope import Scope, resolver
from leadrelay.core.template import TemplateError, TemplateFault, compile_template
from leadrelay.core.template.pattern import compile_pattern
from leadrelay.core.values import Value, is_blank, leaf, text

Find = Callable[[Content], Value]

REGEX = "regex:"
HEADER = "header:"


_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2


class BadPlace(Exception):
    """No place in a reply; says why."""


def compile_place(place: str, namespaces: Mapping[str, str] = NO_NAMESPACES) -> Find:
    """Finds the value at a place, None where there is none. Raises BadPlace."""
    if not place.strip():
        raise BadPlace("is empty; give a path, a template, `header:…` or `regex:…`")
    if "{{" in place:
        return _template(place)
    if place.startswith(REGEX):
        return _regex(place.removeprefix(REGEX))
    if place.startswith(HEADER):
        return _header(place.removeprefix(HEADER).strip())
    try:
        path = parse_path(place, namespaces)
    except BadPath as error:
        raise BadPlace(str(error)) from error
    return lambda content: content.at_or_none(path)


def _template(place: str) -> Find:
    try:
        template = compile_template(place)
    except TemplateError as error:
        raise BadPlace(str(error)) from error

    reads = [resolver(tuple(path.split("."))) for path in sorted(template.paths)]

    def find(content: Content) -> Value:
        tree = content.tree_or_none
        scope = Scope({}, tree if isinstance(tree, Mapping) else by_place(tree))
        if reads and all(is_blank(read(scope)) for read in reads):
            return None  # punctuation round nothing is not an answer: the next place is tried
        try:
            return leaf(template.read(scope))
        except TemplateFault:
            return None

    return find


def by_place(tree: Any) -> Mapping[str, Any]:
    """A list as an object of its places, so that paths lead into it."""
    return {str(place): item for place, item in enumerate(tree)} if isinstance(tree, list) else {}


def _regex(pattern: str) -> Find:
    try:
        compiled = compile_pattern(pattern, ignore_case=True)
    except ValueError as error:
        raise BadPlace(str(error)) from error
    group = 1 if compiled.groups else 0

    def find(content: Content) -> Value:
        found = compiled.search(content.text)
        return found.group(group) if found else None

    return find


def _header(name: str) -> Find:
    if not _TOKEN.fullmatch(name):
        raise BadPlace("`header:` needs the name of a header, such as header:Location")

    def find(content: Content) -> Value:
        found = content.reply.header(name)
        return None if found is None else header_text(found)

    return find


def first(places: Sequence[Find], content: Content) -> Value:
    """What the first place with anything in it says; of several things, the first."""
    for find in places:
        for value in each(find(content)):
            if not is_blank(value):
                return value
    return None


def kept_whole(places: Sequence[Find]) -> Find:
    """What the first place with anything in it holds, as it is: also a list or an object."""
    return lambda content: next((found for find in places if not is_blank(found := find(content))), None)


def all_of(places: Sequence[Find], content: Content) -> list[Value]:
    """Everything that the first place with anything in it says, each thing once."""
    for find in places:
        said = [value for value in each(find(content)) if not is_blank(value)]
        if said:
            return list({text(value).strip(): value for value in said}.values())
    return []


def each(value: Value) -> Sequence[Value]:
    """The items of a list, or the value itself."""
    return value if isinstance(value, list) else (value,)
