"""Who refers to a secret: found by walking the message itself, so that no kind of proof is forgotten."""

from collections.abc import Iterator

from google.protobuf.message import Message

from leadrelay.v1.catalog_service_pb2 import Catalog
from leadrelay.v1.destination_pb2 import Credential


def destinations_with(catalog: Catalog, secret: str) -> list[str]:
    """Names of the destinations of a catalog that refer to a secret, in order of name."""
    return sorted(entry.name for entry in catalog.destinations if secret in _secrets_of(entry))


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
