"""The HubSpot presets, against what HubSpot documents of its answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest

from presets.hubspot import TOKEN, HubSpot
from presets.staging import Stage, staged

pytestmark = pytest.mark.timeout(60)


@asynccontextmanager
async def contacts(folder: Path, double: HubSpot, token: str = TOKEN) -> AsyncIterator[Stage]:
    secrets = {"hubspot-token": token}
    async with staged(
        folder, "hubspot_contacts", double, hosts=("https://api.hubapi.com",), secrets=secrets
    ) as stage:
        yield stage


async def test_a_lead_becomes_a_contact_with_the_names_of_their_properties(tmp_path: Path) -> None:
    double = HubSpot()
    async with contacts(tmp_path, double) as stage:
        told = await stage.deliver("to_hubspot")
    assert told.both() == ("success", "")
    assert told.outcome().reference == "500"
    assert double.contacts["julia.white@example.net"]["properties"] == {
        "email": "julia.white@example.net",
        "firstname": "Julia",
        "lastname": "White",
        "phone": "+16145550105",
        "address": "12 Main St",
        "city": "Columbus",
        "state": "OH",
        "zip": "43215-1234",
        "lifecyclestage": "lead",
        "hs_lead_status": "NEW",
    }


async def test_a_contact_that_they_have_is_a_duplicate_under_its_number(tmp_path: Path) -> None:
    async with contacts(tmp_path, HubSpot()) as stage:
        await stage.deliver("to_hubspot")
        told = await stage.deliver("to_hubspot", first_name="Jules")
    assert told.both() == ("hard_reject", "duplicate")
    assert told.outcome().reference == "500"


async def test_an_address_that_is_none_is_invalid_data(tmp_path: Path) -> None:
    async with contacts(tmp_path, HubSpot()) as stage:
        told = await stage.deliver("to_hubspot", email="nobody@nowhere")
        without = await stage.deliver("to_hubspot", email=None)
    assert told.both() == ("hard_reject", "invalid_data")
    assert "INVALID_EMAIL" in told.outcome().words
    assert without.both() == ("system_error", "mapping_required")


async def test_too_many_in_a_second_wait_and_come_again(tmp_path: Path) -> None:
    async with contacts(tmp_path, HubSpot(busy=2)) as stage:
        told = await stage.deliver("to_hubspot")
    assert (told.both(), told.attempts) == (("success", ""), 3)


async def test_too_many_in_a_day_are_a_full_cap(tmp_path: Path) -> None:
    async with contacts(tmp_path, HubSpot(left_today=0)) as stage:
        told = await stage.deliver("to_hubspot")
    assert told.both() == ("soft_reject", "cap_exceeded")


@pytest.mark.parametrize(
    ("double", "token"),
    [(HubSpot(), "pat-na1-revoked"), (HubSpot(scopes=False), TOKEN)],
    ids=["token", "scope"],
)
async def test_a_token_that_is_revoked_or_may_not_is_unauthorized(
    tmp_path: Path, double: HubSpot, token: str
) -> None:
    async with contacts(tmp_path, double, token) as stage:
        told = await stage.deliver("to_hubspot")
    assert told.both() == ("system_error", "unauthorized")
    assert "pat-na1" not in repr(told.settled)


@asynccontextmanager
async def a_form(folder: Path, double: HubSpot) -> AsyncIterator[Stage]:
    secrets = {"hubspot-token": TOKEN}
    async with staged(
        folder, "hubspot_form", double, hosts=("https://api.hsforms.com",), secrets=secrets
    ) as stage:
        yield stage


async def test_a_submission_has_a_field_for_each_answer_that_is_there(tmp_path: Path) -> None:
    double = HubSpot()
    async with a_form(tmp_path, double) as stage:
        told = await stage.deliver("to_hubspot_form", last_name=None)
    assert told.both() == ("success", "")
    (submission,) = double.submissions
    assert [each["name"] for each in submission["fields"]] == ["email", "firstname", "phone"]
    assert len(submission["submittedAt"]) == 13


async def test_a_submission_that_they_refuse_tells_which_field(tmp_path: Path) -> None:
    double = HubSpot()
    async with a_form(tmp_path, double) as stage:
        told = await stage.deliver("to_hubspot_form", email="nobody@nowhere")
        double.busy = 9
        busy = await stage.deliver("to_hubspot_form")
    assert told.both() == ("hard_reject", "invalid_data")
    assert told.outcome().words == "Error in 'fields.email'. Invalid email address"
    assert busy.both() == ("soft_reject", "unavailable")
    assert orjson.loads(double.requests[0].body)["fields"][0]["value"] == "nobody@nowhere"
