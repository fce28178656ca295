"""Time zones, and what people write in their place."""

from zoneinfo import ZoneInfo

import pytest

from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Findings
from leadrelay.edges.catalog.time_zones import UTC, time_zone


def asked(name: str) -> tuple[ZoneInfo, list[str]]:
    findings = Findings()
    context = Context(findings=findings, fields={}, sensitive=frozenset())
    return time_zone(context, ("time_zone",), name), [problem.message for problem in findings.problems]


def test_none_is_utc() -> None:
    assert asked("") == (UTC, [])


@pytest.mark.parametrize("name", ["America/Chicago", "Europe/Berlin", "UTC", "Etc/GMT+5", "Asia/Kathmandu"])
def test_a_name_is_a_name(name: str) -> None:
    assert asked(name) == (ZoneInfo(name), [])


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("America/Chicgo", "America/Chicago"),
        ("america/chicago", "America/Chicago"),
        ("America/New York", "America/New_York"),
        ("Chicago", "America/Chicago"),
        ("CST", "America/Chicago"),
        ("Pacific", "America/Los_Angeles"),
        ("Europe/Belrin", "Europe/Berlin"),
        ("Pacific Standard Time", "America/Los_Angeles"),
        ("Eastern Time (US & Canada)", "America/New_York"),
        ("Z", "UTC"),
    ],
)
def test_another_gets_the_nearest(name: str, meant: str) -> None:
    assert asked(name) == (UTC, [f"there is no time zone `{name}`; did you mean `{meant}`?"])


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/localtime", "qqqqqqqq", "a\x00b"])
def test_what_is_like_nothing_is_refused(name: str) -> None:
    (_, problems) = asked(name)
    assert problems[0].endswith("; a name is like `America/Chicago`")


@pytest.mark.parametrize(
    ("name", "called"), [("GMT-5", "Etc/GMT+5"), ("utc+02:00", "Etc/GMT-2"), ("+10", "Etc/GMT-10")]
)
def test_a_fixed_offset_is_called_by_the_sign_that_is_not_its_own(name: str, called: str) -> None:
    (_, (problem,)) = asked(name)
    assert problem.endswith(f"the fixed offset is called `{called}`, with its sign the other way round")
