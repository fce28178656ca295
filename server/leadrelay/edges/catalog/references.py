"""Who refers to what: found by walking the messages, so that no kind of proof or step is forgotten."""

from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from leadrelay.v1.catalog_service_pb2 import Catalog
from leadrelay.v1.destination_pb2 import Credential


def destinations_with(catalog: Catalog, secret: str) -> list[str]:
    """Names of the destinations of a catalog that refer to a secret, in order of name."""
    return sorted(entry.name for entry in catalog.destinations if secret in _secrets_of(entry))


def destinations_in(message: Message) -> Iterator[str]:
    """The destinations that a flow, or a part of one, names."""
    for field, value in message.ListFields():
        if field.full_name in _NAMES_A_DESTINATION:
            yield value
        for below in _messages(field, value):
            yield from destinations_in(below)


_NAMES_A_DESTINATION = ("leadrelay.v1.Step.deliver", "leadrelay.v1.Bidder.ping", "leadrelay.v1.Bidder.post")


def _secrets_of(message: Message) -> Iterator[str]:
    if isinstance(message, Credential):
        yield message.secret
        return
    for field, value in message.ListFields():
        for below in _messages(field, value):
            yield from _secrets_of(below)


def _messages(field: FieldDescriptor, value: Any) -> Iterable[Message]:
    """The messages in a field: itself, its entries, or what its map leads to."""
    if field.message_type is None:
        return ()
    if field.message_type.GetOptions().map_entry:
        return value.values() if field.message_type.fields_by_name["value"].message_type else ()
    return value if field.is_repeated else (value,)
