"""JSON-like data as a Struct: nothing is lost, and what a Struct cannot hold keeps its digits as text."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edges.any_facts import jsons, texts
from leadrelay.core.structs import LEVELS_OF_A_LEAD, MAX_EXACT, data, struct
from leadrelay.v1.delivery_service_pb2 import DeliverRequest


@given(st.dictionaries(texts, jsons, max_size=4))
def test_a_struct_says_what_json_says(values: dict[str, Any]) -> None:
    """But for numbers that a double cannot hold, which become text and keep their digits."""
    assert data(struct(values)) == {name: _in_a_struct(value) for name, value in values.items()}


@given(st.dictionaries(texts, st.dictionaries(texts, st.integers(0, 9), max_size=4), max_size=4))
def test_what_a_struct_says_has_one_order_in_every_process(values: dict[str, dict[str, int]]) -> None:
    said = data(struct(values))
    assert list(said) == sorted(values)
    assert all(list(said[name]) == sorted(inner) for name, inner in values.items())


def _in_a_struct(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _in_a_struct(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_in_a_struct(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else None
    if not -MAX_EXACT <= value <= MAX_EXACT:
        return str(value)
    return float(value)


@pytest.mark.parametrize(("wrap", "takes"), [(lambda value: {"n": value}, 3), (lambda value: [value], 2)])
def test_a_lead_of_the_deepest_request_becomes_that_request_again(
    wrap: Callable[[Any], Any], takes: int
) -> None:
    """Sent again, or to another server, it holds what it held (behaviour 8)."""
    lead, deeper = "end", "end"
    for _ in range(LEVELS_OF_A_LEAD // takes):
        lead = wrap(lead)
    for _ in range(LEVELS_OF_A_LEAD // takes + 1):
        deeper = wrap(deeper)
    request = DeliverRequest()
    request.lead.nested.CopyFrom(struct({"top": lead}, LEVELS_OF_A_LEAD))
    read = DeliverRequest.FromString(request.SerializeToString())
    assert data(read.lead.nested) == {"top": lead}
    assert data(struct({"top": deeper}, LEVELS_OF_A_LEAD)) != {"top": deeper}, "no library would read it"
