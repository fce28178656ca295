"""The tree that a payload's paths make (behaviour 3.5, json)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.encoding import Payload, nest
from leadrelay.core.encoding.payload import segments_of
from leadrelay.core.values import Value


@pytest.mark.parametrize(
    ("flat", "tree"),
    [
        ({}, {}),
        ({"a": 1}, {"a": 1}),
        ({"a.b.c": 1, "a.b.d": 2, "e": 3}, {"a": {"b": {"c": 1, "d": 2}}, "e": 3}),
        ({"a.0": "x", "a.1": "y"}, {"a": ["x", "y"]}),
        ({"a.1": "y", "a.0": "x"}, {"a": ["x", "y"]}),
        ({"a.2.b": 1, "a.7.b": 2}, {"a": [{"b": 1}, {"b": 2}]}),  # gaps close up
        ({"a.0": 1, "a.1": None, "a.2": 2}, {"a": [1, 2]}),  # nulls close up
        ({"a.0": 0, "a.1": False, "a.2": ""}, {"a": [0, False, ""]}),  # these stay
        ({"a": [1, None, [None, 2], {"b": [None]}]}, {"a": [1, [2], {"b": []}]}),
        ({"0": "x", "1": "y"}, ["x", "y"]),
        ({"0.a": 1, "3.a": 2}, [{"a": 1}, {"a": 2}]),
        ({"0": "x", "a": "y"}, {"0": "x", "a": "y"}),
        ({"a": None}, {"a": None}),
        ({"a.b": None}, {"a": {"b": None}}),
        ({"[a.b].c": 1, "x.[y.z]": 2}, {"a.b": {"c": 1}, "x": {"y.z": 2}}),
        ({"lead[name]": 1}, {"lead[name]": 1}),
        ({"a": 1, "a.b": 2}, {"a": {"b": 2}}),  # the later path wins
        ({"a.b": 1, "a": 2}, {"a": 2}),
        ({"a": {"x": 1}, "a.b": 2}, {"a": {"x": 1, "b": 2}}),
        ({"a": ["x"], "a.1": "y"}, {"a": ["x", "y"]}),
        ({"a.10": 1, "a.9": 2}, {"a": [2, 1]}),
        ({"a.99999999999999999999": 1}, {"a": {"99999999999999999999": 1}}),
    ],
)
def test_dotted_paths_nest_and_numeric_segments_are_lists(flat: dict[str, Value], tree: Value) -> None:
    assert nest(Payload(flat)) == tree


def test_nesting_changes_nothing_that_the_lead_owns() -> None:
    tags = ["a", None]
    payload = Payload({"tags": tags, "tags.2": "c"})
    assert nest(payload) == {"tags": ["a", "c"]}
    assert tags == ["a", None]
    assert payload == {"tags": ["a", None], "tags.2": "c"}


def test_a_path_deeper_than_the_limit_is_one_name() -> None:
    path = ".".join("x" * 33)
    assert segments_of(path) == (path,)


_SCALARS = st.text() | st.integers() | st.booleans()
_NAMES = st.from_regex(r"[a-z]{1,3}", fullmatch=True)
_TREES = st.recursive(
    _SCALARS,
    lambda below: (
        st.lists(below, min_size=1, max_size=3) | st.dictionaries(_NAMES, below, min_size=1, max_size=3)
    ),
    max_leaves=12,
)


def _flattened(tree: Value, path: str = "") -> dict[str, Value]:
    if isinstance(tree, dict):
        parts = [(str(name), below) for name, below in tree.items()]
    elif isinstance(tree, list):
        parts = [(str(place), below) for place, below in enumerate(tree)]
    else:
        return {path: tree}
    flat: dict[str, Value] = {}
    for name, below in parts:
        flat.update(_flattened(below, f"{path}.{name}" if path else name))
    return flat


@given(st.dictionaries(_NAMES, _TREES, min_size=1) | st.lists(_TREES, min_size=1))
def test_a_flattened_tree_nests_back_into_itself(tree: Value) -> None:
    assert nest(Payload(_flattened(tree))) == tree


@given(st.dictionaries(st.text(max_size=12), _TREES))
def test_no_name_breaks_nesting(flat: dict[str, Value]) -> None:
    assert isinstance(nest(Payload(flat)), dict | list)
