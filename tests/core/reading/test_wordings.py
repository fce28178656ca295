"""Recipients' words and the closed list of codes (behaviour 6)."""

import pytest

from leadrelay.core.outcome import ReasonCode
from leadrelay.core.reading.wordings import code_of


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Duplicate lead", "duplicate"),
        ("DUPLICATE_PHONE", "duplicate"),
        ("Lead already exists in our database", "duplicate"),
        ("Dupe", "duplicate"),
        ("State not served", "out_of_area"),
        ("ZIP code 90210 is outside our coverage", "out_of_area"),
        ("Out of area", "out_of_area"),
        ("We are not licensed in NV", "out_of_area"),
        ("unsupported state", "out_of_area"),
        ("Daily cap reached", "cap_exceeded"),
        ("CAP_EXCEEDED", "cap_exceeded"),
        ("You have exceeded your daily limit", "cap_exceeded"),
        ("Too many requests", "cap_exceeded"),
        ("Invalid phone number", "invalid_data"),
        ("Missing required field: email", "invalid_data"),
        ("first_name cannot be blank", "invalid_data"),
        ("Invalid zip", "invalid_data"),
        ("Price too low", "price"),
        ("Minimum price not met", "price"),
        ("No bid", "price"),
        ("Outside business hours", "hours"),
        ("The office is closed", "hours"),
        ("No TCPA consent", "consent"),
        ("Phone is on the DNC list", "consent"),
        ("Missing consent", "consent"),
        ("Service unavailable, try again later", "unavailable"),
        ("System is down for maintenance", "unavailable"),
        ("Server busy", "unavailable"),
        ("Internal server error", "unavailable"),
        ("Request timed out", "unavailable"),
        ("Credit score too low", "not_eligible"),
        ("Income below minimum", "not_eligible"),
        ("Applicant is underage", "not_eligible"),
        ("No matching lender", "not_eligible"),
        ("Does not qualify", "not_eligible"),
        ("Invalid API key", "unauthorized"),
        ("Not authorized", "unauthorized"),
        ("Authentication failed", "unauthorized"),
    ],
)
def test_a_common_wording_has_its_code(words: str, code: str) -> None:
    assert code_of(words) is ReasonCode(code)


@pytest.mark.parametrize("words", ["", "No", "Rejected", "We do not like Mondays", "capital gains", "bidet"])
def test_words_that_nobody_taught_us_have_none(words: str) -> None:
    assert code_of(words) is None
