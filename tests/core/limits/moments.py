"""Moments as people write them."""

from datetime import datetime
from zoneinfo import ZoneInfo

UTC, CHICAGO, BERLIN = ZoneInfo("UTC"), ZoneInfo("America/Chicago"), ZoneInfo("Europe/Berlin")
HOUR = 3600 * 10**9


def at(text: str, zone: ZoneInfo = UTC) -> int:
    """Nanoseconds since the epoch; a text without a distance from UTC is in the zone."""
    moment = datetime.fromisoformat(text)
    return round((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp() * 1e9)
