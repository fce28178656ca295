"""The Five9 presets, against its schema, its faults and the codes of its form."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from lxml import etree

from presets.five9 import Five9
from presets.staging import Stage, staged

pytestmark = pytest.mark.timeout(60)
HOSTS = ("https://api.five9.com",)


@asynccontextmanager
async def a_list(
    folder: Path, double: Five9, preset: str, password: str = "dial-tone"
) -> AsyncIterator[Stage]:
    secrets = {"five9-password": password}
    async with staged(folder, preset, double, hosts=HOSTS, secrets=secrets) as stage:
        yield stage


async def test_a_record_with_its_columns_is_added_to_the_list(tmp_path: Path) -> None:
    double = Five9()
    async with a_list(tmp_path, double, "five9_list") as stage:
        told = await stage.deliver("to_five9_list", last_name=None)
    assert told.both() == ("success", "")
    assert double.records == {"6145550105": ["6145550105", "Julia", "", "julia.white@example.net"]}
    envelope: Any = etree.fromstring(double.requests[0].body)
    mapped = envelope.findall(".//fieldsMapping")
    assert [each.findtext("fieldName") for each in mapped] == ["number1", "first_name", "last_name", "email"]
    assert [each.findtext("key") for each in mapped] == ["true", "false", "false", "false"]
    assert envelope.findtext(".//callNowMode") == "ANY"


async def test_a_number_that_the_list_has_is_a_duplicate(tmp_path: Path) -> None:
    async with a_list(tmp_path, Five9(), "five9_list") as stage:
        await stage.deliver("to_five9_list")
        told = await stage.deliver("to_five9_list", first_name="Jules")
    assert told.both() == ("hard_reject", "duplicate")


@pytest.mark.parametrize(
    ("double", "changes", "said"),
    [
        (Five9(lists=frozenset()), {}, ("system_error", "mapping_invalid")),
        (Five9(fault="More than one record matches specified criteria"), {}, ("hard_reject", "duplicate")),
        (Five9(fault="Concurrent modification, try again"), {}, ("soft_reject", "unavailable")),
        (Five9(fault="Internal error"), {}, ("system_error", "unavailable")),
        (Five9(busy=9), {}, ("soft_reject", "cap_exceeded")),
        (Five9(), {"phone_1": "555-0105"}, ("hard_reject", "invalid_data")),
        (Five9(), {"phone_1": None}, ("system_error", "mapping_required")),
    ],
)
async def test_faults_and_results_are_told_apart(
    tmp_path: Path, double: Five9, changes: dict[str, Any], said: tuple[str, str]
) -> None:
    async with a_list(tmp_path, double, "five9_list") as stage:
        told = await stage.deliver("to_five9_list", **changes)
    assert told.both() == said


@pytest.mark.parametrize("preset", ["five9_list", "five9_web2campaign"])
async def test_a_password_that_has_changed_is_unauthorized(tmp_path: Path, preset: str) -> None:
    async with a_list(tmp_path, Five9(), preset, password="last-years") as stage:
        told = await stage.deliver(f"to_{preset}")
    assert told.both() == ("system_error", "unauthorized")


async def test_a_service_that_is_busy_for_a_moment_is_asked_again(tmp_path: Path) -> None:
    async with a_list(tmp_path, Five9(busy=1), "five9_list") as stage:
        told = await stage.deliver("to_five9_list")
    assert (told.both(), told.attempts) == (("success", ""), 2)


async def test_a_form_adds_the_record_and_its_page_says_so(tmp_path: Path) -> None:
    double = Five9()
    async with a_list(tmp_path, double, "five9_web2campaign") as stage:
        told = await stage.deliver("to_five9_web2campaign")
        again = await stage.deliver("to_five9_web2campaign")
    assert told.both() == ("success", "")
    assert again.both() == ("hard_reject", "duplicate")
    assert again.outcome().words == "Record already in list"
    form = parse_qs(double.requests[0].body.decode())
    assert (form["number1"], form["zip"], form["F9retResults"]) == (["6145550105"], ["43215"], ["1"])


@pytest.mark.parametrize(
    ("double", "changes", "said"),
    [
        (Five9(domains=frozenset()), {}, ("system_error", "unauthorized")),
        (Five9(busy=9), {}, ("soft_reject", "cap_exceeded")),
        (Five9(), {"phone_1": "555-0105"}, ("hard_reject", "invalid_data")),
    ],
)
async def test_each_code_of_the_page_has_its_meaning(
    tmp_path: Path, double: Five9, changes: dict[str, Any], said: tuple[str, str]
) -> None:
    async with a_list(tmp_path, double, "five9_web2campaign") as stage:
        told = await stage.deliver("to_five9_web2campaign", **changes)
    assert told.both() == said


async def test_with_a_return_address_the_redirect_is_read_and_not_followed(tmp_path: Path) -> None:
    double = Five9()
    source = "- { to: F9list, value: Web leads }"
    back = "- { to: F9retURL, value: https://example.com/thanks }"
    async with staged(
        tmp_path,
        "five9_web2campaign",
        double,
        hosts=HOSTS,
        secrets={"five9-password": "dial-tone"},
        edits={source: f"{source}\n      {back}"},
    ) as stage:
        told = await stage.deliver("to_five9_web2campaign")
        again = await stage.deliver("to_five9_web2campaign")
        wrong = await stage.deliver("to_five9_web2campaign", phone_1="555")
    assert [each.both() for each in (told, again, wrong)] == [
        ("success", ""),
        ("hard_reject", "duplicate"),
        ("hard_reject", "invalid_data"),
    ]
    assert len(double.requests) == 3
