"""Time zones by their IANA names."""

import re
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.problems import named, nearest

UTC = ZoneInfo("UTC")
# What people write, and what is meant by it. An abbreviation that is also an IANA name, such as EST,
# is taken for the zone without daylight saving that it is.
_USUAL = {
    "eastern": "America/New_York",
    "et": "America/New_York",
    "edt": "America/New_York",
    "central": "America/Chicago",
    "ct": "America/Chicago",
    "cst": "America/Chicago",
    "cdt": "America/Chicago",
    "mountain": "America/Denver",
    "mt": "America/Denver",
    "mdt": "America/Denver",
    "pacific": "America/Los_Angeles",
    "pt": "America/Los_Angeles",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "bst": "Europe/London",
    "cest": "Europe/Berlin",
    "z": "UTC",
    "zulu": "UTC",
}
_TIME = re.compile(r"(?: standard| daylight)? time\b.*")  # as in `Eastern Standard Time`, Windows' name
_OFFSET = re.compile(r"(?:GMT|UTC)? ?([+-])0?([0-9]|1[0-4])(?::?00)?", re.IGNORECASE)


def time_zone(context: Context, path: Path, name: str) -> ZoneInfo:
    """The zone that is named at a path; UTC where none is, or after the problem has been noted."""
    if not name:
        return UTC
    if name in _names():
        return ZoneInfo(name)
    context.findings.problem(path, f"there is no time zone {named(name)}; {_remedy(name)}")
    return UTC


def _remedy(name: str) -> str:
    offset = _OFFSET.fullmatch(name)
    if offset:
        sign = "-" if offset[1] == "+" else "+"
        fixed = f"the fixed offset is called `Etc/GMT{sign}{offset[2]}`, with its sign the other way round"
        return f"a zone that knows daylight saving has a name like `America/Chicago`; {fixed}"
    meant = _USUAL.get(_TIME.sub("", name.lower())) or _by_city(name) or nearest(name, _names())
    return f"did you mean {named(meant)}?" if meant else "a name is like `America/Chicago`"


def _by_city(name: str) -> str | None:
    """`Chicago` is short for `America/Chicago`, and `US Chicago` for nothing else."""
    cities = {zone.rpartition("/")[2]: zone for zone in sorted(_names(), reverse=True)}
    meant = nearest(name.replace(" ", "_").rpartition("/")[2], cities, cutoff=0.85)
    return cities[meant] if meant else None


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones() - {"localtime"})  # whatever the machine's is
