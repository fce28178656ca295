"""Where an unknown key belongs, asked of the protos themselves."""

from leadrelay.edges.catalog.misplaced import advice
from leadrelay.v1.catalog_service_pb2 import Catalog
from leadrelay.v1.destination_pb2 import Destination, Rest
from leadrelay.v1.flow_pb2 import Flow, Step

DESTINATION, REST = Destination.DESCRIPTOR, Rest.DESCRIPTOR


def test_a_key_of_the_message_around_it_belongs_one_level_up() -> None:
    assert advice("mapping", REST, DESTINATION, ["url"]) == "; it belongs one level up: check the indentation"


def test_a_key_of_a_message_below_belongs_inside_it_and_best_inside_one_that_is_there() -> None:
    assert advice("url", DESTINATION, Catalog.DESCRIPTOR, ["webhook"]) == "; it belongs inside `webhook`"
    assert advice("steps", Step.DESCRIPTOR, Flow.DESCRIPTOR, ["parallel"]) == "; it belongs inside `parallel`"


def test_a_misspelt_key_is_spelt_and_a_strange_one_gets_the_list() -> None:
    assert advice("methd", REST, DESTINATION, []) == "; did you mean `method`?"
    assert advice("zzz", REST, DESTINATION, []) == (
        "; the keys here are: `body`, `follow_redirects`, `headers`, `method`, `url`"
    )
