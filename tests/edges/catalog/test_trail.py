"""How places are called: by name where an entry has one."""

from leadrelay.edges.catalog.nodes import Place, Scalar, Table
from leadrelay.edges.catalog.trail import Trail, label
from leadrelay.v1.catalog_service_pb2 import Catalog
from leadrelay.v1.destination_pb2 import Destination

HERE = Place("c.yaml", 1)
ROOT = Trail((), "", Catalog.DESCRIPTOR)


def entry(key: str, text: str) -> Table:
    return Table(HERE, {key: (HERE, Scalar(HERE, text, text))})


def test_a_path_counts_and_its_words_name() -> None:
    trail = ROOT.key("destinations", Destination.DESCRIPTOR).entry(3, "crm").key("name")
    assert trail.path == ("destinations", 3, "name")
    assert trail.shown == "destinations[crm].name"
    assert (trail.descriptor, trail.above) == (Destination.DESCRIPTOR, Catalog.DESCRIPTOR)


def test_an_entry_is_called_by_its_name_or_what_it_maps_to_or_its_position() -> None:
    assert label(entry("name", "crm"), 3) == "crm"
    assert label(entry("to", "contact.email"), 3) == "contact.email"
    assert label(entry("value", "x"), 3) == 3
    hours = Table(HERE, entry("from", "09:00").entries | entry("to", "17:00").entries)
    assert label(hours, 3) == 3
    assert label(entry("name", ""), 3) == 3
    assert label(Scalar(HERE, "crm", "crm"), 3) == 3


def test_a_name_cannot_break_the_line_it_is_told_on() -> None:
    assert label(entry("name", "a\nb"), 0) == "a�b"
