"""The presets of lead buyers: each buys, refuses in its own words, is full, throttles, and has a key."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from presets.buyers import KEY, Boberdoo, JsonBuyer, LeadsPedia, Phonexa, PingPostBuyer, XmlBuyer
from presets.staging import Double, Stage, staged

pytestmark = pytest.mark.timeout(60)

# Where each preset leads, and what it calls its key.
PLACES = {
    "json_buyer": ("https://buyer.example.com", "buyer-key"),
    "ping_post_buyer": ("https://buyer.example.com", "buyer-key"),
    "xml_buyer": ("https://buyer.example.com", "buyer-key"),
    "boberdoo": ("https://buyer.leadportal.com", "boberdoo-key"),
    "leadspedia": ("https://buyer.leadspediatrack.com", "leadspedia-key"),
    "phonexa": ("https://leads-buyer-client.phonexa.com", "phonexa-password"),
}
DOUBLES: dict[str, Any] = {
    "json_buyer": JsonBuyer,
    "xml_buyer": XmlBuyer,
    "boberdoo": Boberdoo,
    "leadspedia": LeadsPedia,
    "phonexa": Phonexa,
}
PRICES = {
    "json_buyer": "12.50",
    "xml_buyer": "15.00",
    "boberdoo": "6.66",
    "leadspedia": "15.00",
    "phonexa": "20.0000",
}


@asynccontextmanager
async def a_buyer(folder: Path, preset: str, double: Double, key: str = KEY) -> AsyncIterator[Stage]:
    host, name = PLACES[preset]
    async with staged(folder, preset, double, hosts=(host,), secrets={name: key}) as stage:
        yield stage


@pytest.mark.parametrize("preset", DOUBLES)
async def test_a_lead_is_bought_at_a_price_and_under_a_number(tmp_path: Path, preset: str) -> None:
    double = DOUBLES[preset]()
    async with a_buyer(tmp_path, preset, double) as stage:
        told = await stage.deliver(f"to_{preset}")
    assert told.both() == ("success", "")
    assert told.outcome().price.amount == PRICES[preset]
    assert told.outcome().reference
    assert len(double.bought) == 1


@pytest.mark.parametrize("preset", DOUBLES)
async def test_the_key_is_sent_and_stands_in_no_event(tmp_path: Path, preset: str) -> None:
    double = DOUBLES[preset]()
    async with a_buyer(tmp_path, preset, double) as stage:
        told = await stage.deliver(f"to_{preset}")
    (request,) = double.requests
    assert KEY in f"{request.headers} {request.body!r}"
    assert KEY not in repr(told.settled.events)


@pytest.mark.parametrize("preset", [name for name in DOUBLES if name != "phonexa"])
async def test_a_person_is_bought_once_and_then_a_duplicate(tmp_path: Path, preset: str) -> None:
    double = DOUBLES[preset]()
    async with a_buyer(tmp_path, preset, double) as stage:
        await stage.deliver(f"to_{preset}")
        told = await stage.deliver(f"to_{preset}", first_name="Jules")
    assert told.both() == ("hard_reject", "duplicate")
    assert len(double.bought) == 1


@pytest.mark.parametrize("preset", [name for name in DOUBLES if name != "phonexa"])
async def test_a_buyer_that_is_full_has_a_full_cap(tmp_path: Path, preset: str) -> None:
    async with a_buyer(tmp_path, preset, DOUBLES[preset](cap=0)) as stage:
        told = await stage.deliver(f"to_{preset}")
    assert told.both() == ("soft_reject", "cap_exceeded")


@pytest.mark.parametrize("preset", DOUBLES)
async def test_a_key_that_has_changed_is_unauthorized(tmp_path: Path, preset: str) -> None:
    async with a_buyer(tmp_path, preset, DOUBLES[preset](), key="last-years-key") as stage:
        told = await stage.deliver(f"to_{preset}")
    assert told.both() == ("system_error", "unauthorized")
    assert "last-years-key" not in repr(told.settled)


@pytest.mark.parametrize(
    ("preset", "changes", "words"),
    [
        ("json_buyer", {"email": "nobody@nowhere"}, "email is not valid"),
        ("xml_buyer", {"email": "nobody@nowhere"}, "email is not valid"),
        ("boberdoo", {"email": "nobody@nowhere"}, "Email is not valid"),
        ("leadspedia", {"email": "nobody@nowhere"}, "email_address is not valid"),
        ("phonexa", {"postal_code": None}, "zip: required"),
    ],
)
async def test_what_a_buyer_cannot_use_is_invalid_data(
    tmp_path: Path, preset: str, changes: dict[str, str], words: str
) -> None:
    async with a_buyer(tmp_path, preset, DOUBLES[preset]()) as stage:
        told = await stage.deliver(f"to_{preset}", **changes)
    assert told.both() == ("hard_reject", "invalid_data")
    assert told.outcome().words == words


@pytest.mark.parametrize("preset", DOUBLES)
async def test_a_lead_without_a_name_is_not_sent(tmp_path: Path, preset: str) -> None:
    double = DOUBLES[preset]()
    async with a_buyer(tmp_path, preset, double) as stage:
        told = await stage.deliver(f"to_{preset}", last_name=None)
    assert told.both() == ("system_error", "mapping_required")
    assert double.requests == []


async def test_a_throttled_lead_is_sold_at_a_later_try(tmp_path: Path) -> None:
    async with a_buyer(tmp_path, "json_buyer", JsonBuyer(throttled=2)) as stage:
        told = await stage.deliver("to_json_buyer")
    assert (told.both(), told.attempts) == (("success", ""), 3)


async def test_a_buyer_that_is_down_is_not_taken_for_a_no(tmp_path: Path) -> None:
    async with a_buyer(tmp_path, "json_buyer", JsonBuyer(is_down=True)) as stage:
        told = await stage.deliver("to_json_buyer")
    assert (told.both(), told.attempts) == (("soft_reject", "unavailable"), 3)


@pytest.mark.parametrize(
    ("preset", "double"), [("boberdoo", Boberdoo(is_hungry=False)), ("leadspedia", LeadsPedia(matches=False))]
)
async def test_a_platform_without_a_buyer_for_it_has_not_bought(
    tmp_path: Path, preset: str, double: Double
) -> None:
    async with a_buyer(tmp_path, preset, double) as stage:
        told = await stage.deliver(f"to_{preset}")
    assert told.both() == ("hard_reject", "not_eligible")


@pytest.mark.parametrize(
    ("double", "said"),
    [
        (Phonexa(pays=0.001), ("hard_reject", "price")),
        (Phonexa(is_slow=True), ("system_error", "protocol")),
    ],
)
async def test_each_status_of_phonexa_has_its_meaning(
    tmp_path: Path, double: Phonexa, said: tuple[str, str]
) -> None:
    async with a_buyer(tmp_path, "phonexa", double) as stage:
        told = await stage.deliver("to_phonexa")
    assert told.both() == said


async def test_a_ping_tells_nobody_who_it_is_and_the_post_names_the_bid(tmp_path: Path) -> None:
    double = PingPostBuyer()
    async with a_buyer(tmp_path, "ping_post_buyer", double) as stage:
        told = await stage.deliver("to_ping_post_buyer")
    assert (told.kind("ping_buyer"), told.kind("post_buyer")) == ("success", "success")
    ping, post = (orjson.loads(request.body) for request in double.requests)
    assert set(ping) == {"state", "zip", "loan_amount", "homeowner", "email_hash", "sub_id"} - {"sub_id"}
    assert (post["ping_id"], post["email"]) == ("P-1", "julia.white@example.net")
    assert told.outcome("post_buyer").price.amount == "42.00"


async def test_without_a_bid_there_is_no_post(tmp_path: Path) -> None:
    double = PingPostBuyer()
    async with a_buyer(tmp_path, "ping_post_buyer", double) as stage:
        told = await stage.deliver("to_ping_post_buyer", state="TX")
    assert told.both("ping_buyer") == ("hard_reject", "out_of_area")
    assert told.both("post_buyer") == ("skipped", "auction_lost")
    assert len(double.requests) == 1


async def test_a_bid_of_nothing_is_none(tmp_path: Path) -> None:
    async with a_buyer(tmp_path, "ping_post_buyer", PingPostBuyer(bid="0")) as stage:
        told = await stage.deliver("to_ping_post_buyer")
    assert told.kind("ping_buyer") == "hard_reject"
    assert told.kind("post_buyer") == "skipped"


async def test_a_known_person_gets_no_second_bid(tmp_path: Path) -> None:
    async with a_buyer(tmp_path, "ping_post_buyer", PingPostBuyer()) as stage:
        await stage.deliver("to_ping_post_buyer")
        told = await stage.deliver("to_ping_post_buyer")
    assert told.both("ping_buyer") == ("hard_reject", "duplicate")
