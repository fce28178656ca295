"""Who refers to what: found by walking the messages, so that no kind of proof or step is forgotten."""

from collections.abc import Iterator

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
        elif field.message_type is not None:
            for below in value if field.is_repeated else [value]:
                yield from destinations_in(below)


_NAMES_A_DESTINATION = ("leadrelay.v1.Step.deliver", "leadrelay.v1.Bidder.ping", "leadrelay.v1.Bidder.post")


def _secrets_of(message: Message) -> Iterator[str]:
    if isinstance(message, Credential):
        yield message.secret
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            below = value.values() if field.message_type.fields_by_name["value"].message_type else ()
        else:
            below = value if field.is_repeated else (value,)
        for each in below:
            yield from _secrets_of(each)
