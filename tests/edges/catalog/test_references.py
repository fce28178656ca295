"""Whoever refers to a secret is found, however it proves who it is (behaviour 8: Delete)."""

from collections.abc import Iterator

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from catalog_texts import loaded, of_flow, refused
from leadrelay.edges.catalog.references import destinations_in, destinations_with
from leadrelay.v1.catalog_service_pb2 import Catalog
from leadrelay.v1.destination_pb2 import Credential, Destination

Path = tuple[FieldDescriptor, ...]


def paths_to_credentials(descriptor: Descriptor, above: frozenset[str] = frozenset()) -> Iterator[Path]:
    """Every way from a message down to a credential, as the protos have it."""
    for field in descriptor.fields:
        below = field.message_type
        if below is None or below.full_name in above:
            continue
        if below is Credential.DESCRIPTOR:
            yield (field,)
            continue
        for path in paths_to_credentials(below, above | {descriptor.full_name}):
            yield (field, *path)


def a_destination(path: Path) -> Destination:
    """A destination with nothing in it but the secret `hidden` at a path."""
    destination = Destination(name="crm")
    message: Message = destination
    for field in path:
        message = _below(message, field)
    message.MergeFrom(Credential(secret="hidden"))
    return destination


def _below(message: Message, field: FieldDescriptor) -> Message:
    value = getattr(message, field.name)
    below: Message
    if _is_map_entry(field.message_type):
        below = value["X-Key"]
        return below
    below = value.add() if field.is_repeated else value
    below.SetInParent()
    return below


def _is_map_entry(descriptor: Descriptor | None) -> bool:
    return descriptor is not None and descriptor.GetOptions().map_entry


PATHS = [
    path[:-1] if _is_map_entry(path[-1].containing_type) else path
    for path in paths_to_credentials(Destination.DESCRIPTOR)
]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ".".join(field.name for field in path))
def test_a_secret_is_found_wherever_the_protos_have_a_credential(path: Path) -> None:
    catalog = Catalog(destinations=[Destination(name="other"), a_destination(path)])
    assert destinations_with(catalog, "hidden") == ["crm"]
    assert destinations_with(catalog, "hidde") == []


def test_the_protos_have_the_credentials_that_we_know_of() -> None:
    names = {".".join(field.name for field in path) for path in PATHS}
    assert {"auth.api_key.key", "auth.headers.values", "auth.oauth2.client_secret"} <= names


def test_all_destinations_are_told_in_order_and_each_once() -> None:
    catalog = loaded(
        """
        destinations:
        - name: b
          rest: {url: "https://b.example"}
          pass_through: all
          auth:
          - {basic: {username: me, password: {secret: shared}}}
          - {api_key: {header: X-Key, key: {secret: shared}}}
        - name: a
          rest: {url: "https://a.example"}
          pass_through: all
          auth: [{bearer: {token: {secret: shared}}}]
        - {name: shared, rest: {url: "https://c.example"}, pass_through: all}
        """
    ).message
    assert destinations_with(catalog, "shared") == ["a", "b"]
    assert destinations_with(Catalog(), "shared") == []


def test_every_destination_that_a_flow_names_is_found_at_any_depth() -> None:
    steps = """
        - branch: {arms: [{when: loan_amount > 1, steps: [{deliver: a}]}]}
        - auction: {bidders: [{ping: a, post: b}]}
    """
    (flow,) = loaded(of_flow(steps)).message.flows
    assert list(destinations_in(flow)) == ["a", "a", "b"]


def test_a_value_of_any_kind_where_a_number_belongs_names_no_destination() -> None:
    flow = of_flow("- waterfall: {order: price, steps: [{deliver: a, price: {amount: 5}}, {deliver: b}]}")
    (problem,) = refused(flow)
    assert problem.endswith("steps[0].price: expected a number, or a template for one")
