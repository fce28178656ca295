"""Writes examples/leads.csv: made-up people asking for loans, as untidy as real sources send them.

The same file comes out on every run and every Python: the only randomness is `random()` under a fixed seed,
which the language promises to keep. Nobody in it is real: phone numbers are 555-01xx, emails are at
example.com, .org and .net, addresses of computers are from the ranges for documentation.

    python scripts/make_leads.py [--output PATH]
"""

import argparse
import csv
import io
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import TypeVar

OUTPUT = Path(__file__).parent.parent / "examples" / "leads.csv"
SEED = 7480
PEOPLE = 248
REPEATED = 12  # people who come again under another request_id

Lead = dict[str, str]
T = TypeVar("T")


def _words(text: str) -> list[str]:
    return text.split()


def _phrases(text: str) -> list[str]:
    return text.split("|")


COLUMNS = _words(
    "request_id first_name last_name email phone_1 address_1 city state postal_code dob loan_amount "
    "loan_purpose credit_score monthly_income own_or_rent bankruptcy ip_address source consent "
    "comments"
)

# abbreviation, name, city, start of the postal codes there, area codes
PLACES = (
    ("AZ", "Arizona", "Phoenix", "850", ("602", "480")),
    ("CA", "California", "San Diego", "921", ("619", "858")),
    ("CA", "California", "Sacramento", "958", ("916",)),
    ("CO", "Colorado", "Denver", "802", ("303", "720")),
    ("CT", "Connecticut", "Hartford", "061", ("860",)),
    ("FL", "Florida", "Tampa", "336", ("813",)),
    ("GA", "Georgia", "Atlanta", "303", ("404", "678")),
    ("IL", "Illinois", "Chicago", "606", ("312", "773")),
    ("MA", "Massachusetts", "Worcester", "016", ("508",)),
    ("MD", "Maryland", "Baltimore", "212", ("410",)),
    ("MI", "Michigan", "Grand Rapids", "495", ("616",)),
    ("MN", "Minnesota", "St. Paul", "551", ("651",)),
    ("NC", "North Carolina", "Raleigh", "276", ("919",)),
    ("NJ", "New Jersey", "Newark", "071", ("973",)),
    ("NV", "Nevada", "Reno", "895", ("775",)),
    ("NY", "New York", "Buffalo", "142", ("716",)),
    ("OH", "Ohio", "Columbus", "432", ("614",)),
    ("OR", "Oregon", "Portland", "972", ("503",)),
    ("PA", "Pennsylvania", "Pittsburgh", "152", ("412",)),
    ("TX", "Texas", "Austin", "787", ("512", "737")),
    ("TX", "Texas", "Dallas", "752", ("214",)),
    ("UT", "Utah", "Salt Lake City", "841", ("801",)),
    ("VA", "Virginia", "Richmond", "232", ("804",)),
    ("WA", "Washington", "Spokane", "992", ("509",)),
)

FIRST_NAMES = _words(
    "Maria James Linda Robert Patricia Michael Aisha David Keisha William Elena Carlos Priya Thomas "
    "Mei Daniel Fatima Anthony Grace Kevin Hannah Omar Rachel Brian Sofia Marcus Julia Tyrone Emily "
    "Raj Nicole Stephen Ingrid Pavel Tamika Andre Laura Kenji Deborah Luis"
)
LAST_NAMES = _words(
    "Smith Johnson Garcia Miller Davis Martinez Lopez Wilson Anderson Thomas Taylor Moore Jackson Lee "
    "Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King Wright "
    "Torres Hill Green Adams Nelson Baker Rivera Campbell Mitchell Patel Okafor Kowalski"
)
UNUSUAL_NAMES = (
    ("José", "Hernández"),
    ("Zoë", "van der Berg"),
    ("Thị Hương", "Nguyễn"),
    ("Siobhán", "O'Connor"),
    ("Jürgen", "Müller-Łukasz"),
    ("伟", "李"),
    ("Mary Ann", "St. John"),
    ("Renée", "D'Angelo"),
    ("Björn", "Åkesson"),
    ("X Æ", "Smith, Jr."),
)
STREETS = _phrases(
    "Maple St|Oak Avenue|Cedar Ln|N 5th Street|Sunset Blvd|Elm Court|Lakeview Dr|Washington Ave"
)
UNITS = ("", "", "", "", ", Apt 4B", " #12", ", Unit 210")
PURPOSES = _phrases(
    "debt consolidation|home improvement|Home Improvement|medical|auto|business|moving|Debt_Consolidation"
)
SOURCES = _phrases("search-ads|social|lendcompare|radio|organic|mailer-07")
COMMENTS = (
    "",
    "",
    "",
    "Please call after 5pm",
    'Wife says "no cold calls", please email first',
    "Wants to pay off 3 cards, a car, and a medical bill",
    "Line one of the note\nline two of the note",
    "¿Habla español? Sí",
    "Refinance <b>asap</b> & call back; rate < 9%",
    "Referred by a friend's 'cousin' \\ neighbour",
)
BROKEN_EMAILS = ("{}@", "{} at example.com", "{}@@example.com", "{}@example", "none")
PHONE_FORMS = (
    "({area}) {exchange}-{line}",
    "{area}.{exchange}.{line}",
    "+1 {area} {exchange} {line}",
    "{area}{exchange}{line}",
    "{area}-{exchange}-{line}",
    "1-{area}-{exchange}-{line}",
)
SHORT_PHONES = ("{exchange}-{line}", "({area}) {exchange}", "{area}{exchange}0")
AMOUNT_FORMS = ("${:,}", "{}", "{:,}.00", "$ {}", "{:,}")


class Source:
    """Draws people. Faults come at fixed places, so that every kind of them is surely there."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._taken_phones: set[str] = set()

    def person(self, index: int) -> Lead:
        state, state_name, city, zip_start, areas = self._pick(PLACES)
        first, last = self._name(index)
        lead = {
            "first_name": first,
            "last_name": "" if index % 31 == 7 else last,
            "email": self._email(index, f"{first} {last}"),
            "phone_1": self._phone(index, self._pick(areas)),
            "address_1": f"{self._between(1, 9900)} {self._pick(STREETS)}{self._pick(UNITS)}",
            "city": city,
            "state": (state, state, state_name, state.lower())[index % 4],
            "postal_code": f"{zip_start}{self._between(1, 99):02}" + ("-1234" if index % 19 == 5 else ""),
            "dob": self._birthday(index),
            "loan_amount": self._amount(index),
            "loan_purpose": self._pick(PURPOSES),
            "credit_score": "" if index % 43 == 21 else str(self._between(570, 820)),
            "monthly_income": self._income(index),
            "own_or_rent": self._pick(("own", "rent", "Own", "RENT", "")),
            "bankruptcy": self._pick(("no", "No", "N", "false", "yes", "")),
            "ip_address": self._address(index),
            "source": self._pick(SOURCES),
            "consent": self._pick(("yes", "true", "Y", "1", "yes", "no")),
            "comments": self._pick(COMMENTS),
        }
        return _with_stray_spaces(lead) if index % 13 == 4 else lead

    def _name(self, index: int) -> tuple[str, str]:
        if index % 16 == 2:
            return UNUSUAL_NAMES[index // 16 % len(UNUSUAL_NAMES)]
        return self._pick(FIRST_NAMES), self._pick(LAST_NAMES)

    def _email(self, index: int, name: str) -> str:
        if index % 37 == 11:
            return ""
        local = f"{_ascii(name)}{index}"
        if index % 29 == 9:
            return BROKEN_EMAILS[index // 29 % len(BROKEN_EMAILS)].format(local)
        email = f"{local}@{self._pick(('example.com', 'example.org', 'example.net'))}"
        return email.upper() if index % 41 == 6 else email

    def _phone(self, index: int, area: str) -> str:
        line = f"01{self._between(0, 99):02}"
        while area + line in self._taken_phones:
            line = f"01{self._between(0, 99):02}"
        self._taken_phones.add(area + line)
        if index % 47 == 30:
            return ""
        form = SHORT_PHONES[index // 23 % 3] if index % 23 == 8 else PHONE_FORMS[index % len(PHONE_FORMS)]
        return form.format(area=area, exchange="555", line=line)

    def _birthday(self, index: int) -> str:
        year, month, day = self._between(1948, 2004), self._between(1, 12), self._between(1, 28)
        forms = (f"{year}-{month:02}-{day:02}", f"{month:02}/{day:02}/{year}", f"{month}/{day}/{year}")
        return "" if index % 53 == 17 else forms[index % 3]

    def _amount(self, index: int) -> str:
        if index % 33 == 14:
            return ""
        least, most = ((3_000, 50_000), (50_500, 160_000))[index // 3 % 2]
        if index % 24 == 3:
            most = 420_000
        amount = round(self._between(least, most), -2)
        if index % 9 == 0:
            return f"{amount // 1000}k"
        return AMOUNT_FORMS[index % len(AMOUNT_FORMS)].format(amount)

    def _income(self, index: int) -> str:
        income = round(self._between(1_800, 14_000), -1)
        return ("", f"${income:,}", f"{income}", f"{income}.00", f"{income:,}")[index % 5]

    def _address(self, index: int) -> str:
        if index % 12 == 1:
            return f"2001:db8::{self._between(1, 65_000):x}"
        network = self._pick(("192.0.2", "198.51.100", "203.0.113"))
        return f"{network}.{self._between(1, 254)}"

    def _pick(self, choices: Sequence[T]) -> T:
        return choices[int(self._random.random() * len(choices))]

    def _between(self, least: int, most: int) -> int:
        return least + int(self._random.random() * (most - least + 1))


def make_leads() -> list[Lead]:
    """Everyone, numbered; the last come a second time, as people do who ask twice."""
    source = Source(SEED)
    people = [source.person(index) for index in range(PEOPLE)]
    complete = [lead for lead in people if "@" in lead["email"] and len(lead["phone_1"]) >= 10]
    step = len(complete) // REPEATED
    people += [dict(lead) for lead in complete[step - 1 :: step][:REPEATED]]
    return [{"request_id": f"demo-{number:04}", **lead} for number, lead in enumerate(people, start=1)]


def as_csv(leads: Sequence[Lead]) -> bytes:
    text = io.StringIO(newline="")
    rows = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    rows.writeheader()
    rows.writerows(leads)
    return text.getvalue().encode("utf-8")


_LETTERS = str.maketrans({"ł": "l", "Ł": "l", "đ": "d", "æ": "ae", "Æ": "ae", "李": "li", "伟": "wei"})


def _ascii(name: str) -> str:
    """A name as the front of an email: plain letters, words joined by dots."""
    plain = unicodedata.normalize("NFKD", name.translate(_LETTERS)).encode("ascii", "ignore").decode()
    words = "".join(letter if letter.isalpha() else " " for letter in plain.lower().replace("'", "")).split()
    return ".".join(words)


def _with_stray_spaces(lead: Lead) -> Lead:
    untidy = ("first_name", "last_name", "email", "city", "state")
    return {name: f" {value} " if name in untidy and value else value for name, value in lead.items()}


def main(arguments: Sequence[str]) -> int:
    """Write the sample leads. Exit 0."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("--output", type=Path, default=OUTPUT, help="default: examples/leads.csv")
    output: Path = options.parse_args(arguments).output
    leads = make_leads()
    output.write_bytes(as_csv(leads))
    print(f"{output}: {len(leads)} leads", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
