"""What this version cannot do is refused and named, never ignored."""

import pytest

from catalog_texts import loaded, of_destination, of_rest, refused
from leadrelay.edges.catalog.unsupported import FIELDS
from leadrelay.v1 import catalog_service_pb2, destination_pb2, flow_pb2, lead_pb2

FILES = (catalog_service_pb2, destination_pb2, flow_pb2, lead_pb2)


@pytest.mark.parametrize("row", FIELDS)
def test_every_row_names_a_field_that_exists(row: str) -> None:
    message, field = row.split(".")
    assert any(
        message in file.DESCRIPTOR.message_types_by_name
        and field in file.DESCRIPTOR.message_types_by_name[message].fields_by_name
        for file in FILES
    )


@pytest.mark.parametrize(
    ("keys", "path", "feature"),
    [
        ("batch: {max: 5}", "batch", "batches"),
    ],
)
def test_refuses_what_a_destination_asks_for_in_vain(keys: str, path: str, feature: str) -> None:
    (problem,) = refused(of_rest(keys))
    assert problem == f"c.yaml:5: destinations[crm].{path}: this version does not support {feature} yet"


def test_what_is_said_to_be_off_is_no_request() -> None:
    text = of_destination('rest: {url: "https://example.com", follow_redirects: false}')
    assert loaded(text).catalog.destinations
