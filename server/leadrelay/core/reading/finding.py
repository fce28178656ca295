"""Where a reply says something: by path, by template over the reply, or by regular expression."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from leadrelay.core.reading.content import Content
from leadrelay.core.reading.paths import BadPath, parse_path
from leadrelay.core.scope import Scope, resolver
from leadrelay.core.template import TemplateError, TemplateFault, compile_template
from leadrelay.core.template.pattern import compile_pattern
from leadrelay.core.values import Value, is_blank, leaf

Find = Callable[[Content], Value]

REGEX = "regex:"


class BadPlace(Exception):
    """No place in a reply; says why."""


def compile_place(place: str) -> Find:
    """Finds the value at a place, None where there is none. Raises BadPlace."""
    if not place.strip():
        raise BadPlace("is empty; give a path, a template or `regex:…`")
    if "{{" in place:
        return _template(place)
    if place.startswith(REGEX):
        return _regex(place.removeprefix(REGEX))
    try:
        path = parse_path(place)
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


def first(places: Sequence[Find], content: Content) -> Value:
    """What the first place with anything in it says."""
    for find in places:
        value = find(content)
        if not is_blank(value):
            return value
    return None
