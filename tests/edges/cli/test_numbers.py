"""A number that is none is a mistake in words, and never a name from the inside."""

import argparse
from collections.abc import Callable

import pytest

from leadrelay.edges.cli.numbers import positive, status


@pytest.mark.parametrize(
    ("kind", "text", "number"), [(positive, "1", 1), (positive, "050", 50), (status, "422", 422)]
)
def test_a_number_is_read(kind: Callable[[str], int], text: str, number: int) -> None:
    assert kind(text) == number


@pytest.mark.parametrize("kind", [positive, status])
@pytest.mark.parametrize("text", ["", "0", "-1", "abc", "1.5", "٣", "1e3", "9" * 5000])
def test_what_is_no_such_number_is_refused_in_words(kind: Callable[[str], int], text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="must be a whole number"):
        kind(text)
