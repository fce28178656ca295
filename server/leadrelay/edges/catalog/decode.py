"""Located YAML -> the message `leadrelay.v1.Catalog`, by walking the protos' own descriptors.

So the protos are the only schema there is: a new field can be written in a catalog the moment it exists.
Names are as in the protos or in lowerCamelCase; enums by their short names; everything that does not fit is
told at once, each with its place. What a credential says is never repeated.
"""

from dataclasses import replace
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.struct_pb2 import NullValue, Struct, Value

from leadrelay.edges.catalog.decode_values import (
    Unfit,
    duration,
    found,
    json_number,
    says_null,
    scalar,
    timestamp,
)
from leadrelay.edges.catalog.findings import Findings, Path, Spot
from leadrelay.edges.catalog.misplaced import advice
from leadrelay.edges.catalog.nodes import Broken, Listing, Node, Place, Scalar, Table
from leadrelay.edges.catalog.problems import Problem, listed, named
from leadrelay.edges.catalog.secret_names import HOW_TO_STORE
from leadrelay.edges.catalog.trail import Trail, label
from leadrelay.edges.catalog.yaml_source import Sources
from leadrelay.v1.catalog_service_pb2 import Catalog

MAX_VALUE_DEPTH = 12  # of lists in a mapping's value; each level is three of protobuf's hundred
CREDENTIAL = "leadrelay.v1.Credential"
CHOICES = "leadrelay.v1.Choices"
LINED = frozenset({"leadrelay.v1.Reading.capture"})  # maps to texts of several lines, or to lists of them

IN_CLEAR = (
    "a credential must not be written in a catalog; "
    f"store it and refer to it as `{{secret: NAME}}`. {HOW_TO_STORE}"
)

Message = Any  # a message of a type known only by its descriptor


def decode(sources: Sources) -> tuple[Catalog, Findings]:
    """What could be read, and everything that could not."""
    catalog = Catalog()
    findings = fill(catalog, sources)
    findings.is_torn |= _is_torn(findings, catalog)
    return catalog, findings


def fill(message: Message, sources: Sources) -> Findings:
    """Read documents into a message of any type; everything in them that could not be read."""
    findings = Findings(problems=list(sources.problems), is_torn=bool(sources.torn))
    decoder = _Decoder(findings)
    for document in sources.documents:
        if not (isinstance(document.root, Scalar) and document.root.value is None):
            decoder.message(document.root, message, Trail((), "", message.DESCRIPTOR))
    return findings


def _is_torn(findings: Findings, catalog: Catalog) -> bool:
    roots: list[Path] = [(), ("destinations",)]
    nameless = (i for i, one in enumerate(catalog.destinations) if not one.name)
    return any(map(findings.is_damaged, roots)) or any(nameless)


class _Decoder:
    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    def message(self, node: Node, message: Message, trail: Trail) -> None:
        """Fill a message from a mapping, key by key."""
        self._note(trail, node.place)
        if not isinstance(node, Table):
            self._unfit(node, trail, _wanted(trail.descriptor, node))
            self._findings.damage(trail.path)
            return
        if not node.is_whole:
            self._findings.damage(trail.path)
        taken: dict[str, str] = {}  # field and oneof to the key that set it
        for key, (place, value) in node.entries.items():
            field = fields_by_key(trail.descriptor).get(key)
            if field is None:
                self._unknown(key, place, node, trail)
            elif self._is_free(field, key, place, taken, trail):
                self._field(field, value, message, trail)

    def _unknown(self, key: str, place: Place, node: Table, trail: Trail) -> None:
        message = f"unknown key {named(key)}" + advice(key, trail.descriptor, trail.above, node.entries)
        self._problem(place, trail, message)
        self._findings.damage(trail.path)

    def _is_free(
        self, field: FieldDescriptor, key: str, place: Place, taken: dict[str, str], trail: Trail
    ) -> bool:
        """Whether nothing before has set this field, or another one of which there may only be one."""
        first = taken.setdefault(f"field {field.name}", key)
        if first != key:
            self._problem(place, trail, f"{named(first)} and {named(key)} are the same key; keep one of them")
            return False
        oneof = field.containing_oneof
        first = taken.setdefault(f"oneof {oneof.name}", key) if oneof is not None else key
        if first != key:
            message = f"{named(first)} and {named(key)} exclude each other; keep one of them"
            self._problem(place, trail, message)
            return False
        return True

    def _field(self, field: FieldDescriptor, node: Node, message: Message, trail: Trail) -> None:
        below = trail.key(field.name, field.message_type)
        self._note(below, node.place)
        is_meant = _is_type(field, "google.protobuf.Value") or says_null(field.enum_type, node)
        if _is_nothing(node) and not is_meant:
            self._unfit(node, below, "there is no value here; give it one or remove the key")
        elif _is_map(field):
            self._map(field, node, getattr(message, field.name), below)
        elif field.is_repeated:
            self._list(field, node, getattr(message, field.name), below)
        elif field.message_type is not None:
            target = getattr(message, field.name)
            target.SetInParent()
            self._sub_message(node, target, below)
        else:
            self._scalar(field, node, below, lambda value: setattr(message, field.name, value))

    def _list(self, field: FieldDescriptor, node: Node, container: Any, trail: Trail) -> None:
        if not isinstance(node, Listing):
            hint = "; begin each entry with `- `" if isinstance(node, Table | Scalar) else ""
            self._unfit(node, trail, f"expected a list, found {found(node)}{hint}")
            self._findings.damage(trail.path)
            return
        for position, item in enumerate(node.items):
            below = trail.entry(len(container), label(item, position))
            if field.message_type is None:
                self._note(below, item.place)
                self._scalar(field, item, below, container.append)
            else:
                self._sub_message(item, container.add(), below)

    def _map(self, field: FieldDescriptor, node: Node, container: Any, trail: Trail) -> None:
        if not isinstance(node, Table):
            self._unfit(node, trail, f"expected a mapping of names to values, found {found(node)}")
            return
        value_field = _value_of(field)
        for key, (place, value) in node.entries.items():
            below = trail.key(key, value_field.message_type)
            self._note(below, place)
            if value_field.message_type is not None:
                self._sub_message(value, container[key], below)
            elif field.full_name in LINED and isinstance(value, Listing):
                container[key] = self._lined(value_field, value, below)
            else:
                self._scalar(value_field, value, below, lambda text, key=key: container.update({key: text}))

    def _lined(self, field: FieldDescriptor, node: Listing, trail: Trail) -> str:
        """A list of texts where one text holds them, one a line."""
        lines: list[Any] = []
        for position, item in enumerate(node.items):
            below = trail.entry(position, position)
            self._note(below, item.place)
            self._scalar(field, item, below, lines.append)
        return "\n".join(" ".join(str(line).split("\n")) for line in lines)

    def _sub_message(self, node: Node, target: Message, trail: Trail) -> None:
        """A message, or one of the few that are written as a scalar or a list."""
        self._note(trail, node.place)
        match trail.descriptor.full_name:
            case "google.protobuf.Duration":
                self._fit(node, trail, lambda: target.CopyFrom(duration(node)))
            case "google.protobuf.Timestamp":
                self._fit(node, trail, lambda: target.CopyFrom(timestamp(node)))
            case "google.protobuf.Value":
                self._value(node, target, trail, 1)
            case "google.protobuf.Struct" if isinstance(node, Table):
                self._struct(node, target, trail, 1)
            case "google.protobuf.Struct":
                self._unfit(node, trail, f"expected a mapping of names to values, found {found(node)}")
            case str(name) if name == CHOICES and not isinstance(node, Table):
                self._choices(node, target, trail)
            case str(name) if name == CREDENTIAL:
                self._credential(node, target, trail)
            case _:
                self.message(node, target, trail)

    def _credential(self, node: Node, target: Message, trail: Trail) -> None:
        secret = node.entries.get("secret") if isinstance(node, Table) else None
        if isinstance(node, Table) and secret is not None and len(node.entries) == 1:
            name = secret[1]
            if isinstance(name, Scalar) and isinstance(name.value, str) and name.value:
                self._note(trail.key("secret"), name.place)
                target.secret = name.value
                return
            self._unfit(node, trail, "expected the name of a secret: `{secret: NAME}`")
        else:
            refusal = (
                "a credential must not be written in a catalog; store it and refer to it as `{secret: NAME}`"
            )
            self._unfit(node, trail, f"{refusal}. {HOW_TO_STORE}")
        self._findings.damage(trail.path)

    def _choices(self, node: Node, target: Message, trail: Trail) -> None:
        """`[a, b]` for `{values: [a, b]}`."""
        values = trail.descriptor.fields_by_name["values"]
        if not isinstance(node, Listing):
            self._unfit(node, trail, f"expected a list such as `[a, b]`, found {found(node)}")
            self._findings.damage(trail.path)
            return
        self._list(values, node, target.values, replace(trail.key(values.name), shown=trail.shown))

    def _value(self, node: Node, target: Value, trail: Trail, depth: int) -> None:
        """Any JSON value."""
        if depth > MAX_VALUE_DEPTH:
            self._unfit(node, trail, f"a value cannot be nested more than {MAX_VALUE_DEPTH} levels deep")
        elif isinstance(node, Listing):
            target.list_value.SetInParent()
            for index, item in enumerate(node.items):
                below = trail.entry(index, index)
                self._note(below, item.place)
                self._value(item, target.list_value.values.add(), below, depth + 1)
        elif isinstance(node, Table):
            target.struct_value.SetInParent()
            self._struct(node, target.struct_value, trail, depth + 1)
        elif isinstance(node, Scalar):
            self._fit(node, trail, lambda: _set_plain(target, node))
        else:
            self._findings.damage(trail.path)

    def _struct(self, node: Table, target: Struct, trail: Trail, depth: int) -> None:
        for key, (place, item) in node.entries.items():
            below = trail.key(key)
            self._note(below, place)
            self._value(item, target.fields[key], below, depth)

    def _scalar(self, field: FieldDescriptor, node: Node, trail: Trail, keep: Any) -> None:
        self._fit(node, trail, lambda: keep(scalar(field, node)))

    def _fit(self, node: Node, trail: Trail, take: Any) -> None:
        try:
            take()
        except Unfit as error:
            self._unfit(node, trail, str(error))

    def _unfit(self, node: Node, trail: Trail, message: str) -> None:
        if not isinstance(node, Broken):  # whose problem has been told
            self._problem(node.place, trail, message)
        self._findings.damage(trail.path)
        self._findings.damage(trail.path[:-1])

    def _problem(self, place: Place, trail: Trail, message: str) -> None:
        self._findings.problems.append(Problem(place.file, place.line, trail.shown, message))

    def _note(self, trail: Trail, place: Place) -> None:
        self._findings.note(trail.path, Spot(place, trail.shown))


@cache
def fields_by_key(descriptor: Descriptor) -> dict[str, FieldDescriptor]:
    """Every spelling of every key of a message."""
    return {name: field for field in descriptor.fields for name in (field.json_name, field.name)}


def _wanted(descriptor: Descriptor, node: Node) -> str:
    keys = listed([field.name for field in descriptor.fields][:6])
    message = f"expected a mapping with keys such as {keys}, found {found(node)}"
    lists = [field.name for field in descriptor.fields if field.is_repeated and not _is_map(field)]
    is_bare_list = isinstance(node, Listing) and len(lists) == 1
    return f"{message}; write the list under {named(lists[0])}" if is_bare_list else message


def _is_nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _is_type(field: FieldDescriptor, full_name: str) -> bool:
    return field.message_type is not None and field.message_type.full_name == full_name


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


def _value_of(field: FieldDescriptor) -> FieldDescriptor:
    """The field that a map's values have."""
    entry = field.message_type
    if entry is None:
        raise TypeError(f"{field.full_name} is no map")
    return entry.fields_by_name["value"]


def _set_plain(target: Value, node: Scalar) -> None:
    if node.value is None:
        target.null_value = NullValue.NULL_VALUE
    elif isinstance(node.value, bool):
        target.bool_value = node.value
    elif isinstance(node.value, str):
        target.string_value = node.value
    else:
        target.number_value = json_number(node)
