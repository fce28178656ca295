"""JSON bodies (behaviour 3.5)."""

import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.encoding import Body, Payload, compile_body
from leadrelay.core.mapping import Rule, compile_mapping
from leadrelay.core.scope import Scope
from leadrelay.core.values import Value

JSON = compile_body(Body())


def written(payload: dict[str, Value]) -> bytes:
    return JSON.encode(Payload(payload))


def test_nothing_mapped_is_an_empty_object() -> None:
    assert written({}) == b"{}"
    assert JSON.content_type == "application/json"


def test_numbers_and_booleans_stay_native_and_decimals_exact() -> None:
    body = written({"a": 1, "b": True, "c": Decimal("12.50"), "d": None, "e": "1", "f": [Decimal("0.1")]})
    assert body == b'{"a":1,"b":true,"c":12.50,"d":null,"e":"1","f":[0.1]}'


def test_numbers_beyond_64_bits_are_written_in_full() -> None:
    assert written({"a": 2**70, "b": Decimal("1.5")}) == b'{"a":1180591620717411303424,"b":1.5}'


def test_all_numeric_first_segments_give_a_root_list() -> None:
    assert written({"0.a": 1, "1.a": 2}) == b'[{"a":1},{"a":2}]'


def test_a_flat_payload_of_a_mapping_is_written_like_any_other() -> None:
    result = compile_mapping([Rule("a", "{{x}}"), Rule("b", 2)]).apply(Scope({"x": 'é " \n'}))
    assert result.payload.is_flat
    assert json.loads(JSON.encode(result.payload)) == {"a": 'é " \n', "b": 2}


_SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
_NAMES = st.text(st.characters(exclude_characters=".[", exclude_categories=["Cs"]), min_size=1).filter(
    lambda name: not name.isdigit()
)


@given(st.dictionaries(_NAMES, _SCALARS))
def test_what_is_written_reads_back_the_same(payload: dict[str, Value]) -> None:
    assert json.loads(written(payload)) == payload
