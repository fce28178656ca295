"""Durations, moments and short names: where a catalog is kinder than proto JSON."""

import re

import pytest
from google.protobuf.duration_pb2 import Duration

from leadrelay.edges.catalog.decode_values import Unfit, duration, found, short_names, timestamp
from leadrelay.edges.catalog.nodes import Listing, Place, Scalar, Table
from leadrelay.edges.catalog.scalars import resolve
from leadrelay.v1 import destination_pb2, outcome_pb2

HERE = Place("c.yaml", 1)


def plain(text: str) -> Scalar:
    return Scalar(HERE, resolve(text), text)


@pytest.mark.parametrize(
    ("text", "seconds", "nanos"),
    [
        ("5s", 5, 0),
        ("0.5s", 0, 500_000_000),
        ("500ms", 0, 500_000_000),
        ("0.1ms", 0, 100_000),
        ("5m", 300, 0),
        ("2h", 7200, 0),
        ("1.5d", 129_600, 0),
        ("0s", 0, 0),
    ],
)
def test_a_duration_is_a_number_with_its_unit(text: str, seconds: int, nanos: int) -> None:
    assert duration(plain(text)) == Duration(seconds=seconds, nanos=nanos)


@pytest.mark.parametrize("text", ["5", "0.5", "300"])
def test_a_bare_number_is_asked_for_its_unit(text: str) -> None:
    with pytest.raises(Unfit) as error:
        duration(plain(text))
    assert str(error.value) == f'a duration needs its unit: write "{text}s" for seconds'


@pytest.mark.parametrize("text", ["5 min", "1h30m", "-5s", "5S", "soon", "", "true", "5.1234567891s"])
def test_anything_else_is_told_what_a_duration_looks_like(text: str) -> None:
    with pytest.raises(Unfit, match='such as "500ms", "5s"'):
        duration(plain(text))


def test_a_duration_of_years_is_a_slip() -> None:
    with pytest.raises(Unfit, match="ten years"):
        duration(plain("99999999h"))


def test_short_names_leave_out_what_the_enum_is_called() -> None:
    assert short_names(destination_pb2.WhenUnknown.DESCRIPTOR) == {
        "hold": 1,
        "continue": 2,
        "resend": 3,
        "ask": 4,
    }
    assert short_names(destination_pb2.OAuth2Grant.DESCRIPTOR)["client_credentials"] == 1
    assert short_names(outcome_pb2.OutcomeKind.DESCRIPTOR)["hard_reject"] == 2
    assert short_names(destination_pb2.SoapVersion.DESCRIPTOR) == {"1.1": 1, "1.2": 2}


def test_what_was_found_is_named_without_its_text() -> None:
    nodes = (plain("secret"), plain("12"), plain("true"), plain(""), Listing(HERE), Table(HERE))
    assert [found(node) for node in nodes] == ["a text", "a number", "true", "nothing", "a list", "a mapping"]


@pytest.mark.parametrize("text", ["2026-05-04T15:30:00Z", "2026-05-04T17:30:00+02:00", "20260504T153000Z"])
def test_a_moment_is_the_same_in_every_zone(text: str) -> None:
    assert timestamp(plain(text)).ToJsonString() == "2026-05-04T15:30:00Z"


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("2026-05-04T15:30:00", "write 2026-05-04T15:30:00Z for UTC"),
        ("2026-05-04", "write 2026-05-04T00:00:00Z for UTC"),
        ("soon", "such as 2026-05-04T15:30:00Z"),
        ("5", "such as 2026-05-04T15:30:00Z"),
        ("", "such as 2026-05-04T15:30:00Z"),
    ],
)
def test_a_moment_that_could_be_several_is_asked_for_its_zone(text: str, advice: str) -> None:
    with pytest.raises(Unfit, match=re.escape(advice)):
        timestamp(plain(text))
