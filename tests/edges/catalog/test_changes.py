"""What an apply changes, by name."""

from catalog_texts import loaded, of_flow
from leadrelay.edges.catalog.changes import diff
from leadrelay.v1.catalog_service_pb2 import Catalog


def test_tells_what_is_new_what_differs_and_what_is_gone() -> None:
    old = loaded(of_flow("- deliver: a\n- deliver: b") + "fields: [{name: vin}]\n").message
    new = loaded(of_flow("- deliver: a").replace("name: b", "name: c")).message
    assert [(change.kind, change.what) for change in diff(old, new)] == [
        ("added", "destination c"),
        ("removed", "destination b"),
        ("changed", "flow f"),
        ("removed", "field vin"),
    ]


def test_the_same_catalog_changes_nothing_and_the_first_adds_everything() -> None:
    message = loaded(of_flow("- deliver: a\n- deliver: b")).message
    assert diff(message, message) == []
    assert [change.what for change in diff(Catalog(), message)] == [
        "destination a",
        "destination b",
        "flow f",
    ]


def test_order_and_the_order_of_headers_are_no_change() -> None:
    one, other = Catalog(), Catalog()
    for catalog, names in ((one, "ab"), (other, "ba")):
        for name in names:
            headers = catalog.destinations.add(name=name).rest.headers
            for key in names:
                headers[key] = "x"
    assert diff(one, other) == []


def test_what_is_opened_is_told_entry_by_entry_whatever_its_order() -> None:
    one, other = Catalog(), Catalog()
    one.egress.allow.extend(["10.0.0.0/8", "crm.internal"])
    other.egress.allow.extend(["crm.internal", "127.0.0.1:80"])
    assert [(change.kind, change.what) for change in diff(one, other)] == [
        ("added", "egress 127.0.0.1:80"),
        ("removed", "egress 10.0.0.0/8"),
    ]
    turned = Catalog()
    turned.egress.allow.extend(["crm.internal", "10.0.0.0/8"])
    assert diff(one, turned) == []
