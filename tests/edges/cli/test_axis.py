"""Time becomes columns: nothing is lost, nothing leaves the axis."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.edges.cli.axis import Axis, Stretch, duration, moment


def bar(axis: Axis, *stretches: tuple[int, int, str]) -> str:
    return axis.bar(Stretch(*each) for each in stretches).plain


def test_stretches_stand_where_their_time_is() -> None:
    axis = Axis(0, 100, 10)
    assert bar(axis, (0, 30, "="), (30, 80, "."), (80, 100, "=")) == "===.....=="


def test_a_stretch_without_length_can_still_be_seen() -> None:
    axis = Axis(0, 100, 10)
    assert bar(axis, (0, 0, "a"), (50, 50, "b"), (100, 100, "c")) == "a    b   c"


def test_later_stretches_cover_earlier_ones() -> None:
    assert bar(Axis(0, 100, 10), (0, 100, "."), (20, 40, "=")) == "..==......"


def test_an_axis_without_length_has_one_place() -> None:
    assert bar(Axis(5, 5, 4), (5, 5, "=")) == "=   "


@given(
    st.integers(0, 10**18),
    st.integers(0, 10**15),
    st.integers(1, 200),
    st.lists(st.tuples(st.integers(-(10**15), 10**15), st.integers(0, 10**15)), max_size=5),
)
def test_a_bar_has_exactly_its_cells(
    began: int, length: int, cells: int, parts: list[tuple[int, int]]
) -> None:
    axis = Axis(began, began + length, cells)
    drawn = bar(axis, *((began + start, began + start + long, "=") for start, long in parts))
    assert len(drawn) == cells
    assert ("=" in drawn) is bool(parts)


@pytest.mark.parametrize("cells", range(10, 60))
def test_labels_and_ticks_are_as_wide_as_the_bars(cells: int) -> None:
    axis = Axis(0, 1_420_000_000, cells)
    assert len(axis.labels()) == len(axis.ticks("-", "|", "+", "|")) == cells
    assert axis.labels().startswith("0")
    assert axis.labels().endswith("1.42 s")


def test_the_middle_is_named_where_there_is_room() -> None:
    assert Axis(0, 2_000_000_000, 21).labels() == "0      1.00 s  2.00 s"
    assert Axis(0, 2_000_000_000, 12).labels() == "0     2.00 s"


@pytest.mark.parametrize(
    ("milliseconds", "said"),
    [
        (0, "<1 ms"),
        (0.999, "<1 ms"),
        (1, "1 ms"),
        (412.4, "412 ms"),
        (999.4, "999 ms"),
        (999.5, "1.00 s"),
        (3210, "3.21 s"),
        (9994, "9.99 s"),
        (9995, "10.0 s"),
        (59_949, "59.9 s"),
        (59_950, "1m 00s"),
        (245_000, "4m 05s"),
        (3_599_600, "1h 00m"),
        (11_520_000, "3h 12m"),
        (187_200_000, "2d 04h"),
        (8_640_000_000, "100 d"),
    ],
)
def test_durations_are_said_as_people_say_them(milliseconds: float, said: str) -> None:
    assert duration(round(milliseconds * 1e6)) == said


@given(st.integers(0, 900 * 86_400 * 10**9))
def test_a_duration_fits_its_column(nanoseconds: int) -> None:
    assert len(duration(nanoseconds)) <= 7


def test_a_moment_is_in_utc_and_exact_to_the_millisecond() -> None:
    assert moment(1_764_000_000_123_999_999) == "2025-11-24 16:00:00.123 UTC"
