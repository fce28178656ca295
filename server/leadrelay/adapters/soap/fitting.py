"""From a payload to the arguments of an operation, by what the WSDL says that each of them is.

Paths name elements by their local names: `lead.phones.0.number`. `a.b@id` or `a.b.@id` is an attribute,
`a.b.#text` the text of an element that has attributes too. An object where a string is taken becomes XML in
that string, and what the WSDL does not name stands where it takes any element. zeep writes nearly everything
into nearly every type, so what a type cannot hold is found here.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import zip_longest
from typing import Any, NamedTuple

from zeep.xsd import Any as AnyElement
from zeep.xsd import Choice, ComplexType, Nil
from zeep.xsd.elements.indicators import Indicator
from zeep.xsd.types import builtins
from zeep.xsd.types.collection import ListType

from leadrelay.adapters.soap.enumerations import Allowed
from leadrelay.adapters.soap.refusal import choice
from leadrelay.core.encoding import Body, EncodingError, Format, Payload, XmlSpec, compile_body, nest
from leadrelay.core.encoding.payload import segments_of
from leadrelay.core.reading.xml_body import NotXml, parse_text
from leadrelay.core.values import Value, is_blank, moment_text, number, text

HEADER = "@header"  # the first segment of paths that lead into the envelope's header
MAX_PROBLEMS = 20
NO_LISTS: Allowed = {}

_XML = compile_body(Body(format=Format.XML, xml=XmlSpec(no_declaration=True)))
_TRUE, _FALSE = ("true", "1", "yes", "y", "t", "on"), ("false", "0", "no", "n", "f", "off")
_DATE = re.compile(r"-?\d{4,}-\d\d-\d\d(?:Z|[-+]\d\d:\d\d)?")
_MOMENT = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)?")
_TIME = re.compile(r"\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)?")
# What XML 1.0 has no way of writing.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CALENDAR = (builtins.gYear, builtins.gYearMonth, builtins.gMonth, builtins.gMonthDay, builtins.gDay)


class Members(NamedTuple):
    """What a type has inside, by the names that paths use."""

    elements: Mapping[str, Any]
    attributes: Mapping[str, tuple[str, Any]]
    groups: Mapping[str, str]  # of elements in what may be repeated as a whole: zeep's name for that
    choices: frozenset[str]  # the groups that are choices; the others are sequences


class Unfit(Exception):
    """A payload that the operation does not take. Names paths, never values."""


def tree_of(payload: Payload) -> Mapping[str, Value]:
    """The payload's tree, in which attributes and texts have members of their own."""
    renamed = zip(normal_paths(tuple(payload)), payload.values(), strict=True)
    tree = nest(dict(renamed))
    if not isinstance(tree, dict):
        raise Unfit("the payload is a list; paths begin with the name of an argument")
    return tree


@lru_cache(maxsize=1024)
def normal_paths(paths: tuple[str, ...]) -> tuple[str, ...]:
    """Each path with its attribute apart, and a text that stands beside one as `#text`."""
    apart = [".".join(f"[{one}]" if "." in one else one for one in steps_of(path)) for path in paths]
    parents = {path.rpartition(".@")[0] for path in apart if ".@" in path}
    return tuple(f"{path}.#text" if path in parents else path for path in apart)


def steps_of(path: str) -> tuple[str, ...]:
    steps = list[str]()
    for segment in segments_of(path):
        name, sign, attribute = segment.partition("@")
        steps += [name] if name else []
        steps += [f"@{attribute}"] if sign else []
    return tuple(steps)


class Fitting:
    """Fits one payload, and tells everything that is wrong with it at once."""

    def __init__(self, known: dict[int, Members], allowed: Allowed = NO_LISTS) -> None:
        """`known` are the members of the types met so far, for as long as the WSDL lives."""
        self._known, self._allowed = known, allowed
        self.problems: list[str] = []

    def arguments(self, element: Any, tree: Mapping[str, Value]) -> dict[str, Any]:
        """What the element of an operation takes. Raises Unfit."""
        fitted: dict[str, Any] = {}
        if element is None:
            self._all_unknown(tree, "the operation takes no arguments")
        elif isinstance(element.type, ComplexType):
            fitted = self._object(element.type, tree, "")
        else:
            self._all_unknown({name for name in tree if name != "#text"}, "its one argument is named `#text`")
            fitted = {"value": self._leaf(element.type, tree.get("#text"), "#text")}
        self._finish()
        return fitted

    def header(self, element: Any, value: Value, path: str) -> Any:
        """The value of a header's element. Raises Unfit."""
        fitted = self._value(element, value, path)
        self._finish()
        return fitted

    def _finish(self) -> None:
        if self.problems:
            raise Unfit("; ".join(self.problems[:MAX_PROBLEMS]))

    def _all_unknown(self, names: Iterable[str], why: str) -> None:
        self.problems += [f"`{name}` has no place: {why}" for name in names]

    def _object(self, kind: Any, tree: Mapping[str, Value], path: str) -> dict[str, Any]:
        elements, attributes, groups, choices = self._members(kind)
        takes_any = any_in(elements)
        fitted: dict[str, Any] = {}
        repeated: dict[str, dict[str, list[Any]]] = {}
        free: list[Any] = []
        for name, value in tree.items():
            below = f"{path}.{name}" if path else name
            if takes_any and name not in elements and name.removeprefix("@") not in attributes:
                free += self._elements(name, value, below)
            elif name == "#text" and "_value_1" in elements:
                fitted["_value_1"] = self._leaf(elements["_value_1"].type, value, below)
            elif name in groups:
                items = value if isinstance(value, list | tuple) else [value]
                written = [
                    self._value(elements[name], item, f"{below}.{place}") for place, item in enumerate(items)
                ]
                repeated.setdefault(groups[name], {})[name] = written
            elif name in elements and not name.startswith("@"):
                fitted[name] = self._value(elements[name], value, below)
            elif name.removeprefix("@") in attributes:
                key, attribute = attributes[name.removeprefix("@")]
                fitted[key] = self._leaf(attribute.type, value, below)
            else:
                known = [*elements, *(f"@{each}" for each in attributes)]
                hint = choice(name, known)
                self.problems.append(f"`{below}` has no place in what the operation takes{hint}")
        for group, columns in repeated.items():
            fitted[group] = list(_alternatives(columns) if group in choices else _rows(columns))
        if takes_any and free:
            key, element = takes_any
            fitted[key] = free if element.accepts_multiple else free[0]
            if len(free) > 1 and not element.accepts_multiple:
                self.problems.append(
                    f"`{path or next(iter(tree))}` takes one element and is given {len(free)}"
                )
        return fitted

    def _elements(self, name: str, value: Value, path: str) -> Iterator[Any]:
        """What stands where the WSDL takes any element: of that name, or what a text says in XML."""
        try:
            for item in value if isinstance(value, list | tuple) else [value]:
                if name == "#text":
                    yield parse_text(text(item))
                elif item is not None:
                    yield parse_text(_XML.encode(Payload({name: item})).decode())
        except EncodingError as error:
            self.problems.append(f"`{path}` cannot be written as XML: {error}")
        except NotXml:
            self.problems.append(f"`{path.removesuffix('.#text')}` is no XML, and an element is taken")

    def _value(self, element: Any, value: Value, path: str) -> Any:
        if value is None:
            return Nil if element.nillable else None
        if element.accepts_multiple:
            items = value if isinstance(value, list | tuple) else [value]
            return [self._one(element.type, item, f"{path}.{place}") for place, item in enumerate(items)]
        return self._one(element.type, value, path)

    def _one(self, kind: Any, value: Value, path: str) -> Any:
        if not isinstance(kind, ComplexType):
            return self._leaf(kind, value, path)
        if kind._array_type is not None:
            return self._array(value, path)
        elements, attributes, *_ = self._members(kind)
        if isinstance(value, list | tuple):
            return self._listed(kind, elements, value, path)
        if isinstance(value, Mapping):
            return self._object(kind, {str(name): item for name, item in value.items()}, path)
        if "_value_1" in elements:
            return self._object(kind, {"#text": value}, path)
        if elements or attributes:
            known = ", ".join(f"`{path}.{name}`" for name in list(elements)[:8]) or "attributes"
            self.problems.append(f"`{path}` is an object and cannot be one value; it has {known}")
            return None
        return text(value)

    def _array(self, value: Value, path: str) -> Any:
        """An array as rpc/encoded services have it."""
        items = list(value) if isinstance(value, list | tuple) else [value]
        if any(isinstance(item, Mapping | list | tuple) for item in items):
            self.problems.append(f"`{path}` is an encoded array, which takes texts and numbers only")
            return None
        return [_FORBIDDEN.sub("", text(item)) for item in items]

    def _listed(self, kind: Any, elements: Mapping[str, Any], value: Any, path: str) -> Any:
        """A list where an object is taken that is there for its one list, as `ArrayOfString` is."""
        if len(elements) == 1 and next(iter(elements.values())).accepts_multiple:
            name = next(iter(elements))
            return {name: self._value(elements[name], value, path)}
        if len(value) == 1:
            return self._one(kind, value[0], path)
        self.problems.append(f"`{path}` takes one object and is given {len(value)}")
        return None

    def _leaf(self, kind: Any, value: Value, path: str) -> Any:
        if value is None:
            return None
        if isinstance(value, Mapping) and isinstance(kind, builtins.String):
            return self._as_xml(value, path)
        if isinstance(kind, ListType) and not isinstance(value, Mapping):
            words = value if isinstance(value, list | tuple) else text(value).split()
            return [self._leaf(kind.item_type, word, path) for word in words]
        if isinstance(value, list | tuple):
            if len(value) == 1:
                return self._leaf(kind, value[0], path)
            self.problems.append(f"`{path}` takes one value and is given {len(value)}")
            return None
        if isinstance(value, Mapping):
            self.problems.append(f"`{path}` takes one value and is given an object")
            return None
        try:
            return self._allowed_by(kind, _written(kind, value))
        except ValueError as error:
            self.problems.append(f"`{path}` {error}")
            return None

    def _allowed_by(self, kind: Any, written: Any) -> Any:
        listed = self._allowed.get(str(kind.qname)) if isinstance(written, str) else None
        if not listed or written in listed:
            return written
        if (bare := written.strip()) in listed:
            return bare
        raise ValueError(f"is none of what is taken{choice('', list(listed))}")

    def _members(self, kind: Any) -> Members:
        found = self._known.get(id(kind))
        if found is None:
            found = self._known[id(kind)] = members_of(kind)
        return found

    def _as_xml(self, value: Mapping[str, Value], path: str) -> Any:
        try:
            return _XML.encode(Payload(value)).decode()
        except EncodingError as error:
            self.problems.append(f"`{path}` is given an object, to be written as XML: {error}")
            return None


def any_in(elements: Mapping[str, Any]) -> tuple[str, Any] | None:
    """The place among a type's elements that takes any (`xs:any`), by zeep's name for it."""
    return next((pair for pair in elements.items() if isinstance(pair[1], AnyElement)), None)


def _alternatives(columns: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """One of a choice after the other, in the order of the payload."""
    return ({name: item} for name, items in columns.items() for item in items)


def _rows(columns: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """A sequence once for each place of the lists that its elements are given."""
    names = list(columns)
    return (dict(zip(names, row, strict=True)) for row in zip_longest(*columns.values()))


def _repeated(nested: Iterable[tuple[Any, Any]]) -> Iterator[tuple[str, Any]]:
    """The choices and sequences that may be repeated as a whole, with zeep's names for them."""
    for name, one in nested:
        if isinstance(one, Indicator) and one.accepts_multiple:
            yield str(name), one
        elif isinstance(one, Indicator):
            yield from _repeated(getattr(one, "elements_nested", ()))


def members_of(kind: Any) -> Members:
    """What a type has inside."""
    groups = list(_repeated(kind.elements_nested))
    inside = [pair for _, group in groups for pair in group.elements if not isinstance(pair[1], AnyElement)]
    elements = {str(name): element for name, element in [*kind.elements, *inside] if hasattr(element, "type")}
    simple: Any = kind.elements_nested[0][1] if kind.elements_nested else None
    if hasattr(simple, "type") and not isinstance(simple.type, ComplexType):
        elements = {"_value_1": simple}  # a text with attributes
    attributes = {str(each.name): (str(key), each) for key, each in kind.attributes if each.name is not None}
    of_groups = {str(name): key for key, group in groups for name, _ in group.elements if name in elements}
    choices = frozenset(key for key, group in groups if isinstance(group, Choice))
    return Members(elements, attributes, of_groups, choices)


def _written(kind: Any, value: Value) -> Any:
    """A value as zeep is to be given it. Raises ValueError, whose words go on after the path."""
    if isinstance(kind, builtins.Boolean):
        return _boolean(value)
    if isinstance(kind, builtins.Decimal | builtins.Float | builtins.Double):
        return _number(kind, value)
    if isinstance(kind, builtins.Date | builtins.DateTime | builtins.Time):
        return _moment(kind, value)
    words = _FORBIDDEN.sub("", text(value))
    if isinstance(kind, _CALENDAR):
        try:
            return kind.pythonvalue(words)
        except ValueError:
            raise ValueError(f"is not as {type(kind).__name__} is written") from None
    return words


def _boolean(value: Value) -> bool:
    words = text(value).strip().lower()
    if words in _TRUE:
        return True
    if words in _FALSE:
        return False
    raise ValueError("is neither true nor false, and a boolean is taken")


def _number(kind: Any, value: Value) -> Any:
    if is_blank(value):
        raise ValueError("is blank, and a number is taken")
    found = number(value)
    if found is None:
        raise ValueError("is no number, and a number is taken")
    exact = Decimal(found)
    if isinstance(kind, builtins.Integer):
        if exact != exact.to_integral_value():
            raise ValueError("has a fraction, and a whole number is taken")
        return format(exact.to_integral_value(), "f")
    return format(exact, "f")


def _moment(kind: Any, value: Value) -> str:
    if isinstance(value, datetime):
        words = moment_text(value)
        return words[:10] if isinstance(kind, builtins.Date) else words
    words = value.isoformat() if isinstance(value, date) else text(value).strip()
    if isinstance(kind, builtins.Time):
        pattern, shape = _TIME, "14:30:00"
    elif isinstance(kind, builtins.Date):
        pattern, shape = _DATE, "2026-01-31"
    else:
        pattern, shape = _MOMENT, "2026-01-31T14:30:00Z"
        words = f"{words}T00:00:00" if _DATE.fullmatch(words) and len(words) == 10 else words
    if not pattern.fullmatch(words):
        raise ValueError(f"is not written as in {shape}, as {type(kind).__name__} is")
    return words
