"""Printing within limits."""

import pytest

from leadrelay.core.scope import Scope
from leadrelay.core.template.errors import TemplateFault
from leadrelay.core.template.rendering import as_text, constant, counted, repeated, rounds_of
from leadrelay.core.values import Value

SCOPE = Scope({})


@pytest.mark.parametrize(
    ("items", "keys"),
    [
        ([7, 8], [0, 1]),
        ({"a": 1, "b": 2}, ["a", "b"]),
        ("alone", [0]),
        (None, []),
        ("", []),
        ([], []),
        (0, [0]),
    ],
)
def test_every_item_is_one_round_and_a_lone_value_is_a_list_of_one(items: Value, keys: list[Value]) -> None:
    rounds = rounds_of(items)
    assert [frame["@key"] for frame in rounds] == keys
    assert [frame["@index"] for frame in rounds] == list(range(len(keys)))
    assert [frame["@last"] for frame in rounds] == [place == len(keys) - 1 for place in range(len(keys))]


def test_a_round_that_fails_leaves_no_names_behind() -> None:
    def body(_: Scope) -> str:
        raise TemplateFault("too much")

    with pytest.raises(TemplateFault):
        repeated(SCOPE, rounds_of([1]), body)
    assert SCOPE.locals == []


def test_many_parts_are_counted_while_they_are_printed() -> None:
    assert counted("%s-%s", [constant("a"), constant("b")])(SCOPE) == "a-b"
    printed: list[int] = []

    def long(_: Scope) -> str:
        printed.append(1)
        return "x" * 500_000

    with pytest.raises(TemplateFault):
        counted("%s" * 100, [long] * 100)(SCOPE)
    assert len(printed) == 3


def test_a_value_prints_as_text() -> None:
    assert as_text(constant(None))(SCOPE) == ""
    assert as_text(constant(1.0))(SCOPE) == "1"
