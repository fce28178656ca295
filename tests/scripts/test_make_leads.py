"""The sample leads are what the generator makes, made up, and as untidy as the demo needs them."""

import csv
import re
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path

import httpx
import pytest
import trio

from leadrelay.recipients import serve_all
from leadrelay.recipients.premium import PASSWORD, USER
from leadrelay.recipients.standard import finds_it_busy
from leadrelay.recipients.submission import is_email

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "examples" / "leads.csv"
ABBREVIATIONS = (
    "Arizona AZ, California CA, Colorado CO, Connecticut CT, Florida FL, Georgia GA, Illinois IL, "
    "Massachusetts MA, Maryland MD, Michigan MI, Minnesota MN, North Carolina NC, New Jersey NJ, Nevada NV, "
    "New York NY, Ohio OH, Oregon OR, Pennsylvania PA, Texas TX, Utah UT, Virginia VA, Washington WA"
)
STATES = dict(state.rsplit(" ", 1) for state in ABBREVIATIONS.split(", "))


@pytest.fixture(scope="module")
def leads() -> list[dict[str, str]]:
    with SAMPLE.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def amount(lead: dict[str, str]) -> float | None:
    written = re.sub(r"[$, ]", "", lead["loan_amount"])
    if written.endswith("k"):
        return float(written[:-1]) * 1_000
    return float(written) if written else None


def test_the_committed_file_is_what_the_generator_makes(tmp_path: Path) -> None:
    script, made = ROOT / "scripts" / "make_leads.py", tmp_path / "leads.csv"
    for _ in range(2):
        subprocess.run([sys.executable, script, "--output", made], check=True, capture_output=True)
        assert made.read_bytes() == SAMPLE.read_bytes()


def test_there_are_enough_and_each_has_an_id_of_its_own(leads: list[dict[str, str]]) -> None:
    assert len(leads) >= 240
    assert len({lead["request_id"] for lead in leads}) == len(leads)


def test_nobody_in_it_can_be_reached(leads: list[dict[str, str]]) -> None:
    network = re.compile(r"(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+|2001:db8::[0-9a-f]+")
    for lead in leads:
        digits = re.sub(r"\D", "", lead["phone_1"])
        assert len(digits) < 10 or re.fullmatch(r"1?\d{3}55501\d\d", digits)
        email = lead["email"].strip().lower()
        assert not is_email(email) or email.endswith(("@example.com", "@example.org", "@example.net"))
        assert network.fullmatch(lead["ip_address"])


def test_phones_amounts_and_states_are_written_in_many_ways(leads: list[dict[str, str]]) -> None:
    def shapes(name: str) -> set[str]:
        written = {re.sub("[0-9]+", "9", lead[name].strip()) for lead in leads}
        return {re.sub("[A-Z]+", "A", re.sub("[a-z]+", "a", shape)) for shape in written}

    assert shapes("phone_1") >= {"(9) 9-9", "9.9.9", "+9 9 9 9", "9", "9-9-9", "9-9-9-9", "9-9", ""}
    assert shapes("loan_amount") >= {"$9,9", "9", "9,9.9", "9,9", "$ 9", "9a", ""}
    assert shapes("state") >= {"A", "a", "Aa", "Aa Aa"}


def test_names_and_comments_have_what_breaks_careless_code(leads: list[dict[str, str]]) -> None:
    names = " ".join(f"{lead['first_name']} {lead['last_name']}" for lead in leads)
    assert all(part in names for part in ("José", "Zoë", "Nguyễn", "O'Connor", "Müller-Łukasz", "李"))
    comments = "".join(lead["comments"] for lead in leads)
    assert all(mark in comments for mark in ('"', ",", "\n", "\\", "<", "&", "'", "¿"))
    assert any(lead["city"] != lead["city"].strip() for lead in leads)


def test_some_leads_lack_what_a_recipient_needs(leads: list[dict[str, str]]) -> None:
    missing = Counter(name for lead in leads for name, value in lead.items() if not value.strip())
    for name in ("last_name", "email", "phone_1", "loan_amount", "credit_score", "dob"):
        assert 3 <= missing[name] <= len(leads) / 10, name
    assert any(lead["email"] and not is_email(lead["email"].strip()) for lead in leads)


def test_some_people_come_twice(leads: list[dict[str, str]]) -> None:
    people = Counter((lead["email"], lead["phone_1"]) for lead in leads if lead["email"] and lead["phone_1"])
    assert sum(times == 2 for times in people.values()) >= 8


def test_half_of_the_loans_are_large_and_some_leads_find_the_standard_buyer_busy(
    leads: list[dict[str, str]],
) -> None:
    large = sum((amount(lead) or 0) > 50_000 for lead in leads)
    assert 0.4 < large / len(leads) < 0.6
    assert any(finds_it_busy(lead["email"].strip()) for lead in leads)


async def test_the_premium_buyer_rejects_about_half_of_the_large_loans(
    leads: list[dict[str, str]], nursery: trio.Nursery
) -> None:
    offered = [lead for lead in leads if (amount(lead) or 0) > 50_000]
    port = await nursery.start(partial(serve_all, port=0))
    async with httpx.AsyncClient(auth=(USER, PASSWORD), trust_env=False) as premium:
        answers = [
            (await premium.post(f"http://127.0.0.1:{port}/premium/post", json=as_offered(lead))).json()
            for lead in offered
        ]
    rejected = Counter(answer["reason"] for answer in answers if answer["result"] == "rejected")
    assert 0.4 < rejected.total() / len(offered) < 0.6
    assert rejected.keys() == {
        "Loan amount out of range",
        "State not served",
        "Credit score too low",
        "Duplicate lead",
    }


def as_offered(lead: dict[str, str]) -> dict[str, object]:
    """A lead as our mapping would send it."""
    state = lead["state"].strip()
    return {
        "email": lead["email"].strip(),
        "phone": lead["phone_1"],
        "state": STATES.get(state, state),
        "loan_amount": amount(lead),
        "credit_score": lead["credit_score"],
    }
