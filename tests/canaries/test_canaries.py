"""No secret and no sensitive value is seen anywhere, by no protocol and in no failure (behaviour 9)."""

from pathlib import Path

import pytest

from canaries.run import run
from canaries.values import Canary, hits, of_lead, of_secrets

pytestmark = pytest.mark.timeout(300)

# What is never sent to anybody: keys that only sign, and what no request can be made of.
UNSENT = {"hmac-key", "jwt-key", "mtls-key", "broken-key", "webhook-key", "webhook-key, bytes"} | {
    "note, first line",
    "note, second line",
}


async def test_none_of_the_canaries_is_seen_in_any_place(tmp_path: Path) -> None:
    report = await run(tmp_path)
    print("\n".join(report.lines()))
    assert report.hits == []
    assert all(report.places.values()), "there was something to look at"
    kinds = [*of_secrets(), *of_lead()]
    assert len(kinds) >= 40
    assert report.untold & {canary.name for canary in kinds} <= UNSENT, "recipients knew the others"
    assert len(report.ends) >= 12, "and failed in many ways"


def test_a_canary_is_found_where_there_is_one() -> None:
    """The run above would be worth nothing otherwise."""
    canaries = [Canary("long", "bt-canary"), Canary("short", "0086")]
    places = {"a": b"x bt-canary.y", "b": b'"0086"', "c": b"100861 and 00Q0086"}
    assert hits(canaries, places) == ["long in a", "short in b"]
