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
    ],
)
def test_another_gets_the_nearest(name: str, meant: str) -> None:
    assert asked(name) == (UTC, [f"there is no time zone `{name}`; did you mean `{meant}`?"])


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/localtime", "qqqqqqqq", "a\x00b"])
def test_what_is_like_nothing_is_refused(name: str) -> None:
    (_, problems) = asked(name)
    assert problems[0].endswith("; a name is like `America/Chicago`")
