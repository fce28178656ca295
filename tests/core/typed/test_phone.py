"""Phone numbers (behaviour 3.4), and the short cut around the library."""

import random

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.typed import phone
from leadrelay.core.typed.phone import _short_cut

COMMON = (
    "{0}{1}{2}",
    "({0}) {1}-{2}",
    "({0}){1}-{2}",
    "{0}-{1}-{2}",
    "{0}.{1}.{2}",
    "{0} {1} {2}",
    "{0}-{1}{2}",
    "1{0}{1}{2}",
    "1-{0}-{1}-{2}",
    "1 ({0}) {1}-{2}",
    "+1{0}{1}{2}",
    "+1 {0} {1} {2}",
    "+1 ({0}) {1}-{2}",
    "+1-{0}-{1}-{2}",
)


@pytest.mark.parametrize(
    "raw",
    [
        *(notation.format("512", "555", "0148") for notation in COMMON),
        " 512-555-0148 ",
        "Tel: 512-555-0148",
        "1 512 555 0148",
        "512/555-0148",
        "５１２－５５５－０１４８",
        "512\u2011555\u20110148",
        "512\xa0555\xa00148",
        "\u202a+1 (512) 555-0148\u202c",
        "+1 512 555 0148",
    ],
)
def test_a_north_american_number_goes_out_as_ten_digits(raw: str) -> None:
    """Masks such as `(###) ###-####` count ten."""
    read = phone(raw)
    assert read.normal == "5125550148"
    assert {name: read.part(name) for name in ("area", "exchange", "line", "number", "e164")} == {
        "area": "512",
        "exchange": "555",
        "line": "0148",
        "number": "5550148",
        "e164": "+15125550148",
    }
    assert (read.part("country_code"), read.part("calling_code")) == ("US", "1")
    assert read.part("extension") is None


@pytest.mark.parametrize(
    "raw",
    [
        "512.555.0148 x12",
        "512-555-0148 ext. 12",
        "(512) 555-0148 Extension 12",
        "5125550148x12",
        "512-555-0148 #12",
        "+1 512 555 0148;ext=12",
        "512-555-0148,,12",
    ],
)
def test_an_extension_follows_the_number_and_is_a_part(raw: str) -> None:
    assert phone(raw).normal == "5125550148x12"
    assert phone(raw).part("extension") == "12"
    assert phone(raw).part("line") == "0148"


@pytest.mark.parametrize(
    ("raw", "normal", "area", "country"),
    [
        ("+44 20 7946 0958", "+442079460958", "20", "GB"),
        ("011 44 20 7946 0958", "+442079460958", "20", "GB"),
        ("+52 55 1234 5678", "+525512345678", "55", "MX"),
        ("+39 06 1234 5678", "+390612345678", "06", "IT"),
    ],
)
def test_a_number_from_elsewhere_goes_out_with_its_country(
    raw: str, normal: str, area: str, country: str
) -> None:
    read = phone(raw)
    assert read.normal == read.part("e164") == normal
    assert (read.part("area"), read.part("country_code")) == (area, country)
    assert read.part("exchange") is None


@pytest.mark.parametrize(
    ("raw", "country"),
    [("416-555-0148", "CA"), ("876-555-0148", "JM"), ("787-555-0148", "PR"), ("800-555-0148", "US")],
)
def test_the_area_tells_the_country_within_north_america(raw: str, country: str) -> None:
    assert phone(raw).part("country_code") == country
    assert phone(raw).normal == raw.replace("-", "")


def test_a_number_of_no_country_has_none() -> None:
    assert phone("+800 1234 5678").normal == "+80012345678"
    assert phone("+800 1234 5678").part("country_code") is None


def test_a_toll_free_number_is_known_as_such() -> None:
    assert phone("877-555-1212").part("is_tollfree") is True
    assert phone("512-555-1212").part("is_tollfree") is False


@pytest.mark.parametrize(
    ("raw", "type_"),
    [
        ("5125550148m", "mobile"),
        ("512-555-0148 (c)", "mobile"),
        ("512-555-0148 cell", "mobile"),
        ("512-555-0148 W", "work"),
        ("(512) 555-0148 (home)", "home"),
        ("512-555-0148", None),
    ],
)
def test_a_hint_behind_the_number_is_its_type(raw: str, type_: str | None) -> None:
    assert phone(raw).normal == "5125550148"
    assert phone(raw).part("type") == type_


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "   ",
        "N/A",
        "none",
        "x12",
        "555-0148",  # without its area
        "310-1234",  # a service of Canada; the library takes it for a number
        "+13101234",
        "(973) 555",
        "(973) 555 home",  # never dialled as letters: that would be 973 555 4663
        "1-800-FLOWERS",
        "(555) 555-5555",  # no such area
        "123-456-7890",
        "0000000000",
        "512-155-0148",  # no exchange begins with 1
        "51255501480",
        "512-555-0148 / 512-555-0149",
        "512-555-0148 after 5pm",
        "512-555-0148 x12345678",
        "44 20 7946 0958",  # a country only with its +
        "²" * 10,
        "5" * 1000,
    ],
)
def test_what_nobody_can_be_called_on_goes_out_as_it_came(raw: str) -> None:
    assert not phone(raw).valid
    assert phone(raw).raw == raw


def test_the_short_cut_agrees_with_the_library_on_every_area() -> None:
    """All 800 areas, with exchanges at the edges of the numbering plans: too many to be a matter of luck."""
    chance = random.Random(7)
    taken = 0
    for area in range(200, 1000):
        for exchange in (200, 211, 555, 911, 999, *chance.sample(range(1000), 15)):
            line = chance.randrange(10_000)
            taken += agrees(chance.choice(COMMON).format(f"{area:03}", f"{exchange:03}", f"{line:04}"))
    assert taken > 5000


@given(st.from_regex(r"(\+?1[-. ]?)?\(?[2-9][0-9]{2}\)?[-. ]?[0-9]{3}[-. ]?[0-9]{4}", fullmatch=True))
def test_the_short_cut_agrees_with_the_library_on_any_notation(raw: str) -> None:
    agrees(raw)


def agrees(raw: str) -> bool:
    """Whether the short cut was taken; it must have said what the library says."""
    short = _short_cut(raw, raw)
    read = phone(raw)
    number = phonenumbers.parse(raw, "US")
    assert read.valid == phonenumbers.is_valid_number(number), raw
    if read.valid:
        assert read.part("e164") == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        assert read.part("country_code") == phonenumbers.region_code_for_number(number)
        assert read.part("area") == read.part("e164")[2:5]  # type: ignore[index]
    return short is not None
