"""XML bodies: paths become elements (behaviour 3.5).

`a.b` is an element, `a.b@id` (or `a.b.@id`) an attribute, `a.b.#text` and `a.b.#cdata` what stands in
it. A list, or numeric segments, repeat the element; nulls are left out. There is one root: the one
that is set, or else the one first segment that all paths share.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from leadrelay.core.encoding.body import EncodingError, XmlSpec
from leadrelay.core.encoding.payload import Payload, segments_of
from leadrelay.core.values import Problem, Value, text

_LETTER = r"A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u3001-\ud7ff"
_NAME = re.compile(rf"(?:(?P<prefix>[{_LETTER}][-.\w]*):)?[{_LETTER}][-.\w]*")
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TEXT, CDATA = "#text", "#cdata"

_TEXT_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_ATTRIBUTE_ESCAPES = _TEXT_ESCAPES | str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})


class _Element:
    """An element under construction. Those of one name stand together, in the order of their numbers."""

    __slots__ = ("attributes", "children", "content", "is_cdata")

    def __init__(self) -> None:
        self.attributes: dict[str, str] = {}
        self.children: dict[str, dict[int, _Element]] = {}
        self.content: str | None = None
        self.is_cdata = False

    def child(self, name: str, place: int) -> "_Element":
        return self.children.setdefault(name, {}).setdefault(place, _Element())

    def put(self, value: Value, *, is_cdata: bool = False) -> None:
        if isinstance(value, Mapping):
            for name, item in value.items():
                self.add(_split((str(name),)), item)
        elif value is not None:
            self.content, self.is_cdata = text(value), is_cdata

    def add(self, segments: Sequence[str], value: Value) -> None:
        """Put a value where a path leads from here."""
        if value is None:
            return
        name, *rest = segments
        if name.startswith("@"):
            self.attributes[name[1:]] = text(value)
        elif name in (TEXT, CDATA):
            self.put(value, is_cdata=name == CDATA)
        elif rest and rest[0].isdigit():
            self._into(self.child(name, int(rest[0])), rest[1:], value)
        elif not rest and isinstance(value, list | tuple):
            for place, item in enumerate(value):
                if item is not None:
                    self.child(name, place).put(item)
        else:
            self._into(self.child(name, 0), rest, value)

    def _into(self, child: "_Element", rest: Sequence[str], value: Value) -> None:
        if rest:
            child.add(rest, value)
        else:
            child.put(value)


def check_xml(spec: XmlSpec) -> list[Problem]:
    problems: list[Problem] = []
    prefixes = {prefix for prefix, _ in spec.namespaces}
    if spec.root and (wrong := _wrong_name(spec.root, prefixes)):
        problems.append(Problem(None, "xml.root", wrong))
    for prefix, uri in spec.namespaces:
        if prefix and (":" in prefix or not _NAME.fullmatch(prefix) or prefix.lower().startswith("xml")):
            problems.append(Problem(None, "xml.namespaces", f"`{prefix}` cannot be a prefix"))
        if not uri:
            problems.append(Problem(None, "xml.namespaces", f"`{prefix}` has no address"))
    return problems


def _wrong_name(name: str, prefixes: Iterable[str]) -> str:
    found = _NAME.fullmatch(name)
    if found is None:
        return f"`{name}` cannot be the name of an element or attribute"
    prefix = found["prefix"]
    if prefix and prefix != "xml" and prefix not in prefixes:
        return f"the prefix of `{name}` is not declared under `namespaces`"
    return ""


def _split(segments: Iterable[str]) -> tuple[str, ...]:
    """Segments with attributes and `#` parts apart: `b@id` is `b` and `@id`."""
    parts: list[str] = []
    for segment in segments:
        name, sign, rest = segment.partition("@" if "@" in segment else "#")
        parts += [name] if name else []
        parts += [sign + rest] if sign else []
    return tuple(parts) or ("",)


@lru_cache(maxsize=8192)
def _steps(path: str) -> tuple[str, ...]:
    return _split(segments_of(path))


class XmlWriter:
    """Writes the document of a payload as text."""

    def __init__(self, spec: XmlSpec, charset: str) -> None:
        self._spec = spec
        self._prefixes = frozenset(prefix for prefix, _ in spec.namespaces)
        self._declaration = (
            "" if spec.no_declaration else f'<?xml version="1.0" encoding="{charset.upper()}"?>'
        )
        self._names: dict[str, str] = {}  # names that were checked, and what is wrong with them

    def write(self, payload: Payload) -> str:
        top = _Element()
        for path, value in payload.items():
            top.add(_steps(path), value)
        name, root = self._root(top)
        parts = [self._declaration]
        self._element(name, root, parts, self._spec.namespaces)
        return "".join(parts)

    def check(self, paths: Iterable[str]) -> list[str]:
        """What is wrong with the paths of a mapping."""
        wrong: list[str] = []
        roots: set[str] = set()
        for path in paths:
            segments = _steps(path)
            names = [name.lstrip("@") for name in segments if name not in (TEXT, CDATA)]
            told = (self._wrong(name) for place, name in enumerate(names) if not (place and name.isdigit()))
            wrong += [f"`{path}`: {words}" for words in told if words]
            roots.add(segments[0])
        return wrong + ([] if self._spec.root else _about_roots(roots))

    def _wrong(self, name: str) -> str:
        if name not in self._names and len(self._names) < 1000:
            self._names[name] = _wrong_name(name, self._prefixes)
        return self._names[name] if name in self._names else _wrong_name(name, self._prefixes)

    def _root(self, top: _Element) -> tuple[str, _Element]:
        if self._spec.root:
            return self._spec.root, top
        told = _about_roots(top.children)
        if told or top.attributes or top.content is not None or not top.children:
            raise EncodingError(told[0] if told else "XML needs a root element; set `xml.root`")
        ((name, elements),) = top.children.items()
        if len(elements) > 1:
            raise EncodingError(f"XML has one root element, but `{name}` is repeated; set `xml.root`")
        return name, next(iter(elements.values()))

    def _element(
        self, name: str, element: _Element, parts: list[str], namespaces: Iterable[tuple[str, str]] = ()
    ) -> None:
        opened = [self._checked(name)]
        opened += [f'xmlns{":" * bool(prefix)}{prefix}="{_attribute(uri)}"' for prefix, uri in namespaces]
        opened += [f'{self._checked(key)}="{_attribute(value)}"' for key, value in element.attributes.items()]
        if element.content is None and not element.children:
            parts.append(f"<{' '.join(opened)}/>")
            return
        parts.append(f"<{' '.join(opened)}>")
        parts.append(_content(element))
        for child_name, children in element.children.items():
            for place in sorted(children):
                self._element(child_name, children[place], parts)
        parts.append(f"</{name}>")

    def _checked(self, name: str) -> str:
        wrong = self._wrong(name)
        if wrong:
            raise EncodingError(wrong)
        return name


def _about_roots(names: Iterable[str]) -> list[str]:
    several = sorted(names)
    if len(several) < 2:
        return []
    shown = ", ".join(f"`{name}`" for name in several[:4])
    return [f"XML has one root element, but the mapping begins with {shown}; set `xml.root`"]


def _content(element: _Element) -> str:
    words = element.content or ""
    if not words.isprintable():
        words = _FORBIDDEN.sub("", words)
    if element.is_cdata:
        return "<![CDATA[" + words.replace("]]>", "]]]]><![CDATA[>") + "]]>"
    return words.translate(_TEXT_ESCAPES)


def _attribute(value: str) -> str:
    return _FORBIDDEN.sub("", value).translate(_ATTRIBUTE_ESCAPES)
