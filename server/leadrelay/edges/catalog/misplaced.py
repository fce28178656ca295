"""For a key that is unknown where it stands: where it belongs, or what it was meant to be."""

from collections.abc import Collection

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from leadrelay.edges.catalog.problems import did_you_mean, named

MOST_PLACES = 3


def advice(key: str, here: Descriptor, above: Descriptor | None, written: Collection[str]) -> str:
    """What to do about an unknown key of the message `here`, which stands among the keys `written`."""
    inside = [field for field in here.fields if _leads_to(field, key)]
    beside = [field for field in inside if field.name in written]
    if not beside and above is not None and _has(above, key):
        return "; it belongs one level up: check the indentation"
    if inside:
        return f"; it belongs inside {' or '.join(map(_called, (beside or inside)[:MOST_PLACES]))}"
    return did_you_mean(key, [field.name for field in here.fields], otherwise="the keys here are")


def _called(field: FieldDescriptor) -> str:
    return f"an entry of {named(field.name)}" if field.is_repeated else named(field.name)


def _has(descriptor: Descriptor, key: str) -> bool:
    return any(key in (field.name, field.json_name) for field in descriptor.fields)


def _leads_to(field: FieldDescriptor, key: str) -> bool:
    message = field.message_type
    if message is None or message.GetOptions().map_entry or message.file.package != "leadrelay.v1":
        return False
    return _has(message, key)
