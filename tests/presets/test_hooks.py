"""The presets of webhook receivers: what says that it has the lead, and what only looks like it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from presets.hooks import KEY, AppsScript, Hooks
from presets.staging import Stage, staged

pytestmark = pytest.mark.timeout(60)


@asynccontextmanager
async def a_sheet(folder: Path, double: AppsScript, key: str = KEY) -> AsyncIterator[Stage]:
    secrets = {"sheet-key": key}
    async with staged(
        folder, "google_sheets", double, hosts=("https://script.google.com",), secrets=secrets
    ) as stage:
        yield stage


async def test_a_row_is_there_when_google_redirects_and_nobody_follows(tmp_path: Path) -> None:
    double = AppsScript()
    async with a_sheet(tmp_path, double) as stage:
        told = await stage.deliver("to_google_sheets")
    assert told.both() == ("success", "")
    ((number, *row),) = double.rows
    assert number == told.settled.lead_id
    assert row == ["Julia", "White", "julia.white@example.net", "(614) 555-0105"]
    assert len(double.requests) == 1
    assert KEY not in repr(told.settled)


@pytest.mark.parametrize(
    ("double", "key", "said"),
    [
        (AppsScript(is_public=False), KEY, ("system_error", "unauthorized")),
        (AppsScript(), "another", ("system_error", "other")),
        (AppsScript(is_busy=True), KEY, ("soft_reject", "unavailable")),
    ],
)
async def test_a_login_page_and_an_error_page_are_no_rows(
    tmp_path: Path, double: AppsScript, key: str, said: tuple[str, str]
) -> None:
    """Both would be successes to who follows redirects and believes a 200."""
    async with a_sheet(tmp_path, double, key) as stage:
        told = await stage.deliver("to_google_sheets")
    assert told.both() == said
    assert double.rows == []


@asynccontextmanager
async def hooks(folder: Path, double: Hooks) -> AsyncIterator[Stage]:
    hosts = ("https://hooks.zapier.com", "https://hook.eu1.make.com")
    async with staged(folder, "catch_hooks", double, hosts=hosts, secrets={}) as stage:
        yield stage


@pytest.mark.parametrize("name", ["zapier", "make"])
async def test_a_hook_takes_the_whole_lead_but_what_is_sensitive(tmp_path: Path, name: str) -> None:
    double = Hooks()
    async with hooks(tmp_path, double) as stage:
        told = await stage.deliver(f"to_{name}", favourite_colour="green", ssn="078-05-1120")
    assert told.both() == ("success", "")
    (lead,) = double.leads
    assert lead["favourite_colour"] == "green"
    assert "ssn" not in lead


@pytest.mark.parametrize("name", ["zapier", "make"])
async def test_a_hook_that_is_throttled_is_asked_again(tmp_path: Path, name: str) -> None:
    async with hooks(tmp_path, Hooks(busy=2)) as stage:
        told = await stage.deliver(f"to_{name}")
    assert (told.both(), told.attempts) == (("success", ""), 3)


@pytest.mark.parametrize(
    ("double", "said"),
    [
        (Hooks(is_full=True), ("soft_reject", "unavailable")),
        (Hooks(has_scenario=False), ("system_error", "unavailable")),
    ],
)
async def test_a_scenario_that_does_not_take_it_has_not_got_it(
    tmp_path: Path, double: Hooks, said: tuple[str, str]
) -> None:
    async with hooks(tmp_path, double) as stage:
        told = await stage.deliver("to_make")
    assert told.both() == said
