"""Nothing that was hidden can be read, in whatever spelling it comes back (behaviour 9)."""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from html import escape
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.masking import (
    MASK,
    hide,
    hide_cut,
    hide_in_body,
    hide_within,
    is_sensitive,
    spellings,
    together,
)

SSN = "078-05-1120"


def test_hidden_values_are_masked_wherever_they_are_echoed() -> None:
    assert hide("SSN 078-05-1120 is on file", ["078-05-1120"]) == "SSN *** is on file"
    echoed = {"a": ["078-05-1120", {"078-05-1120": 1}], "b": 2}
    assert hide_within(echoed, ["078-05-1120"]) == {"a": [MASK, {MASK: 1}], "b": 2}


def test_a_field_whose_name_leads_to_a_sensitive_one_is_sensitive() -> None:
    assert all(is_sensitive(name, {"ssn"}) for name in ("ssn", "applicant.ssn", "ssn.last_four"))
    assert not any(is_sensitive(name, {"ssn"}) for name in ("applicant", "assn", "applicant.ssns"))


def test_a_value_too_short_to_be_a_secret_does_not_shred_the_text() -> None:
    assert hide("a plain text", ["a", ""]) == "a plain text"


def test_a_value_without_its_punctuation_is_hidden_too() -> None:
    """Recipients and types write numbers without it."""
    assert hide("ssn=078051120", spellings([SSN])) == "ssn=***"
    assert hide("on 1-2 3", spellings(["1-2"])) == "on *** 3"
    assert hide("12 apples", spellings(["1-2"])) == "12 apples", "too short to mean the value"


def test_the_longer_of_two_values_is_hidden_whole() -> None:
    assert hide("12345 and 123", spellings(["123", "12345"])) == "*** and ***"


def test_a_number_that_spells_a_hidden_value_is_masked() -> None:
    assert hide_within({"a": 78051120, "b": True}, spellings(["78051120"])) == {"a": MASK, "b": True}


@given(st.text(min_size=3, max_size=40))
def test_a_hidden_value_is_masked_however_a_request_spells_it(value: str) -> None:
    hidden = spellings([value])
    written = (
        value,
        quote(value, safe=""),
        re.sub("%..", lambda found: found[0].lower(), quote(value, safe="")),
        urlencode({"a": value}).removeprefix("a="),
        json.dumps(value)[1:-1],
        json.dumps(value).replace("/", "\\/")[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        quote(value),
        value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        escape(escape(value, quote=False), quote=False),
        value.replace("+", " "),
    )
    for spelled in written:
        assert hide(spelled, hidden) == MASK


def test_a_short_value_is_masked_where_it_stands_alone_and_leaves_references_whole() -> None:
    hidden = spellings(["1120"])
    assert hide("ends in 1120, or 1120.", hidden) == "ends in ***, or ***."
    assert hide('{"last4":"1120","n":1120}', hidden) == '{"last4":"***","n":***}'
    assert hide("/found?why=no%201120&n=1", hidden) == "/found?why=no%20***&n=1"
    assert hide("00Q5e00011201", hidden) == "00Q5e00011201"
    assert hide("A1120 11200", hidden) == "A1120 11200"


@pytest.mark.parametrize(
    "written", ["%2204518%22", "%252204518%2522", r"\u002204518\u0022", r"\n04518\t", "=04518&"]
)
def test_what_an_escape_ends_with_does_not_touch_a_short_value(written: str) -> None:
    assert hide(written, spellings(["04518"])) == written.replace("04518", MASK)


@given(st.text("abcäöß O'-&", min_size=3, max_size=20))
def test_a_value_is_masked_in_capitals_in_small_letters_and_as_a_name(value: str) -> None:
    """Recipients write names and licences in their own way, and say why they refuse them."""
    hidden = spellings([value])
    for cased in (value.upper(), value.lower(), value.title()):
        for written in (cased, escape(cased), quote(cased, safe=""), json.dumps(cased)[1:-1]):
            assert hide(written, hidden) == MASK


@given(st.binary(max_size=9), st.text(min_size=6, max_size=30), st.binary(max_size=9))
def test_a_value_is_masked_inside_of_base64(before: bytes, value: str, after: bytes) -> None:
    """A recipient that sends back what it was sent may send it encoded, as a whole."""
    hidden = spellings([value])
    for encode in (b64encode, urlsafe_b64encode):
        shown = hide(encode(before + value.encode() + after).decode(), hidden)
        assert MASK in shown
        around = b"".join(each for each in (before, after))
        assert len(shown) - len(MASK) <= len(b64encode(around)) + 8, (
            "no more than the bytes beside it are left"
        )


def test_a_body_in_json_stays_json_where_numbers_are_masked() -> None:
    body = r'{"n": 78051120, "l":[1120,"1120"], "78051120":"a \"1120\", 1120", "b": "x \\", "y": -1120}'
    shown = hide_in_body(body, spellings(["78051120", "1120"]))
    assert json.loads(shown.replace("-", "")) == {
        "n": MASK, "l": [MASK, MASK], MASK: f'a "{MASK}", {MASK}', "b": "x \\", "y": MASK
    }  # fmt: skip
    assert hide_in_body("n=1120", spellings(["1120"])) == "n=***"
    assert hide_in_body('{"n":1, "m": ***}', spellings(["1120"])) == '{"n":1, "m": ***}', "as it came"


def test_a_social_security_number_is_masked_in_the_notations_of_other_systems() -> None:
    for written in (SSN, "078051120", "078 05 1120", "078.05.1120"):
        assert hide(f"no. {written}!", spellings(["078051120"])) == "no. ***!"
        assert hide(f"no. {written}!", spellings(["078.05.1120"])) == "no. ***!"


@pytest.mark.parametrize(
    "told",
    ["1988-03-09", "03/09/1988", "3/9/1988", "1988/3/9", "19880309", "03091988", "1988-03-09T00:00:00Z"],
)
def test_a_day_of_birth_is_masked_in_the_notations_of_other_systems(told: str) -> None:
    hidden = spellings([told])
    for written in ("1988-03-09", "03/09/1988", "3/9/1988", "03-09-1988", "09.03.1988", "19880309", told):
        assert hide(f"born {written}!", hidden) == "born ***!"
    assert hide("born 1988-03-09T00:00:00", hidden) == "born ***T00:00:00"


@pytest.mark.parametrize("told", ["078051120", "10.20.3000", "20/30/1988", "4929 1873", "1-2-3", "0001"])
def test_what_is_no_date_has_no_other_notations_as_one(told: str) -> None:
    assert not [text for text in spellings([told]) if text.startswith("19")]


def test_two_sets_of_texts_are_hidden_together_the_longest_first() -> None:
    """Or the last four digits would be masked first, and leave the other five in clear."""
    hidden = together(spellings(["1120"]), spellings([SSN]))
    assert hide(f"{SSN} ends in 1120", hidden) == "*** ends in ***"
    assert together((), ("a",)) == together(("a",), ()) == ("a",)


def test_the_first_part_of_a_value_is_masked_where_the_text_was_cut() -> None:
    hidden = spellings(["tk-0123456789", SSN])
    assert hide_cut("no tk-01234…", hidden) == "no ***…"
    assert hide_cut("no tk-0123456789…", hidden) == "no ***…"
    assert hide_cut("a (b is 078-05…) and 078-05-1120", hidden) == "a (b is ***…) and ***"
    assert hide_cut("no tk-01234", hidden) == "no tk-01234", "the recipient's own number may begin so"
    assert hide_cut("not known…", hidden) == "not known…"


@pytest.mark.parametrize("told", ["019-47-0086", "019470086", "00012345678", "0123456"])
def test_a_number_is_masked_without_its_zeros_which_some_systems_drop(told: str) -> None:
    counted = str(int(told.replace("-", "")))
    for body in (f'{{"n":{counted}}}', f'{{"n":{counted}.0}}'):
        assert hide_in_body(body, spellings([told])) == '{"n":"***"}'
        assert hide_within(json.loads(body), spellings([told])) == {"n": MASK}
    assert hide("7 and 0.5", spellings(["0000007", told])) == "7 and 0.5"


def test_the_last_digits_of_a_long_number_stand_for_it() -> None:
    """Whoever was sent all of a card's number likes to show the end of it."""
    hidden = spellings(["4929 1873 5521 7764"])
    assert hide("the card ending in 7764 is known, 17764 and X7764 are not", hidden) == (
        "the card ending in *** is known, 17764 and X7764 are not"
    )
    assert hide("in 2019", spellings(["3/4/2019"])) == "in 2019"
