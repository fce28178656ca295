"""Times (behaviour 3.4)."""

import pytest

from leadrelay.core.typed import time_


@pytest.mark.parametrize(
    "raw",
    [
        "Sat Jun 14 2014 13:27:33 GMT-0500 (Central Daylight Time)",
        "06/14/2014 6:27:33 PM",
        "2014-06-14T18:27:33Z",
        "2014-06-14T18:27:33.000Z",
        "2014-06-14 18:27:33",
        "2014-06-14T23:57:33+05:30",
        "Sat, 14 Jun 2014 18:27:33 +0000",
        "1402770453",
        "1402770453000",
    ],
)
def test_a_point_in_time_goes_out_in_utc(raw: str) -> None:
    read = time_(raw)
    assert read.normal == "2014-06-14T18:27:33.000Z"
    assert [read.part(name) for name in ("date", "hour", "minute", "second")] == ["2014-06-14", 18, 27, 33]


@pytest.mark.parametrize(
    ("raw", "normal"), [("5pm", "17:00"), ("5:30 PM", "17:30"), ("17:30:15", "17:30:15"), (" 9:05 ", "09:05")]
)
def test_a_time_of_day_goes_out_on_24_hours(raw: str, normal: str) -> None:
    assert time_(raw).normal == normal
    assert time_(raw).part("date") is None


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "evening",
        "5",
        "25:00",
        "2014-06-14",
        "17:30Z",
        "9999-12-31T23:00:00-05:00",
        "1800-01-01T00:00:00+05:00",
        "²²²²²²²²²²",
        "N/A",
    ],
)
def test_what_is_no_time_goes_out_as_it_came(raw: str) -> None:
    assert not time_(raw).valid
