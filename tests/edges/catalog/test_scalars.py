"""Plain words by the core schema of YAML 1.2, where readers of YAML 1.1 see booleans and dates."""

import math

import pytest

from leadrelay.edges.catalog.scalars import NotThatTag, Plain, resolve, resolve_tagged

TAG = "tag:yaml.org,2002:"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("12", 12),
        ("-7", -7),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
    ],
)
def test_reads_null_booleans_and_numbers(text: str, value: Plain) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


@pytest.mark.parametrize(
    "text", ["no", "NO", "on", "off", "yes", "y", "2026-11-23", "12:30", "1_000", "0b11", "tRUE", "1,5", "١٢"]
)
def test_everything_else_stays_the_text_that_it_is(text: str) -> None:
    assert resolve(text) == text


def test_infinity_and_not_a_number_are_floats() -> None:
    assert resolve("-.inf") == -math.inf
    assert math.isnan(float(str(resolve(".nan"))))


def test_a_number_of_senseless_length_stays_text() -> None:
    assert resolve("9" * 5000) == "9" * 5000


def test_tags_of_the_core_schema_are_obeyed() -> None:
    assert resolve_tagged("12", f"{TAG}str") == "12"
    assert resolve_tagged("12", f"{TAG}float") == 12.0
    assert resolve_tagged("true", f"{TAG}bool") is True


@pytest.mark.parametrize("tag", [f"{TAG}int", f"{TAG}binary", "!mine", "int"])
def test_other_tags_and_untrue_ones_are_refused(tag: str) -> None:
    with pytest.raises(NotThatTag):
        resolve_tagged("twelve", tag)
