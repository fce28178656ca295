"""Recipients' words and the closed list of codes (behaviour 6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.outcome import ReasonCode
from leadrelay.core.reading.wordings import code_of

SAID = {
    "duplicate": """
        Duplicate lead | DUPLICATE_PHONE | Lead already exists in our database | Dupe | DUPLICATES_DETECTED
        DuplicateLead | Duplicate: phone seen in the last 30 days | Contact already exists. Existing ID: 123
        Lead was previously sold | Phone number already on file | Email already registered | Dup
        This lead has already been purchased | Already in system | Recently submitted | Not unique
        Already received this lead | duplicated record | Lead exists in our system | phone_duplicate
        You already have this contact | rejected (duplicate) | DUPES""",
    "out_of_area": """
        State not served | ZIP code 90210 is outside our coverage | Out of area | unsupported state
        We are not licensed in NV | State is not accepted | We do not serve this state | No coverage
        Zip not covered | out_of_area | OUT-OF-STATE | Postal code not in service area | Excluded state: CA
        Not in our coverage area | County not supported | Location not targeted | Filtered: state
        Outside service territory | Restricted zip code | We don't operate there | State filter
        ZIP is not on the list | not available in your region | No contractors available in this zip""",
    "cap_exceeded": """
        Daily cap reached | CAP_EXCEEDED | You have exceeded your daily limit | Too many requests | Capped
        Monthly quota exceeded | Over capacity | Budget exhausted | Rate limit exceeded
        REQUEST_LIMIT_EXCEEDED | Daily volume reached its limit
        You have reached your secondly limit. | Insufficient funds | Not enough balance | Campaign cap met
        Maximum number of leads reached | Lead limit hit | Throttled | hourly cap | Out of credits
        Buyer is at capacity | Order is full | No more leads today | Volume limit reached
        Prepay balance insufficient""",
    "invalid_data": """
        Invalid phone number | Missing required field: email | first_name cannot be blank | Invalid zip
        INVALID_EMAIL_ADDRESS | REQUIRED_FIELD_MISSING | Email is not valid | Bad phone | Phone disconnected
        phone must be 10 digits | Malformed JSON | Validation failed | Unable to parse: syntax error
        STRING_TOO_LONG | Wrong number | Address not found | Email undeliverable | Test lead | InvalidPhone
        FIELD_CUSTOM_VALIDATION_EXCEPTION | VOIP number not allowed | last name is empty | Zip/state mismatch
        PROPERTY_DOESNT_EXIST | Number not in service | Phone failed verification | Bad data | Fake name
        INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST | Disposable email | No phone""",
    "price": """
        Price too low | Minimum price not met | No bid | Price reject | Bid below minimum | Outbid
        Payout too high | Reserve not met | Lost auction | price_reject | Max price exceeded | Bid expired
        CPL too high | No bids received""",
    "hours": """
        Outside business hours | The office is closed | After hours | Not within hours of operation
        Closed | We are closed on Sundays | OUTSIDE_HOURS | Holiday | No weekend delivery | Call center closed
        Out of operating hours | Outside of schedule | Currently closed | Not open""",
    "consent": """
        No TCPA consent | Phone is on the DNC list | Missing consent | TrustedForm certificate expired
        Do not call | DO_NOT_CONTACT | Known litigator | Suppressed | Consumer opted out | opt-out
        Jornaya LeadiD not found | On suppression list | Unsubscribed | Invalid TrustedForm cert | dnc
        Blacklisted phone number; number is blacklisted | Consent revoked | Federal do-not-call registry""",
    "unavailable": """
        Service unavailable, try again later | System is down for maintenance | Server busy | Busy
        Internal server error | Request timed out | Campaign paused | Buyer is inactive | Temporarily offline
        Not accepting leads at this time | Account suspended | UNABLE_TO_LOCK_ROW | Database error
        Please retry later | System overloaded | Bad gateway | An unexpected error occurred
        Contract not active | SERVER_UNAVAILABLE | Connection refused | All agents busy
        No agents available""",
    "unauthorized": """
        Invalid API key | Not authorized | Authentication failed | Unauthorized | Forbidden | Access denied
        INVALID_SESSION_ID | Bad credentials | Token expired | Invalid campaign ID | Unknown vendor
        IP address not whitelisted | MISSING_SCOPES | INSUFFICIENT_ACCESS | Wrong password | Invalid login
        The API key used to make this call is expired | Invalid signature | Missing API token
        API_DISABLED_FOR_ORG | Permission denied | EXPIRED_AUTHENTICATION | Campaign not found
        Invalid or missing token | Source ID not recognized""",
    "not_eligible": """
        Credit score too low | Income below minimum | Applicant is underage | No matching lender
        Does not qualify | Unmatched | No buyers found | Not eligible | Disqualified | Does not meet criteria
        Loan amount exceeds maximum | Must be 18 or older | Not a homeowner | Lead too old | Stale lead
        Failed filter: credit | Poor credit | Debt below minimum | No match | Already has an attorney
        Existing customer | Age out of range | No offers available | Filtered | Not a good fit
        Renters not accepted | Requires homeowner | Currently has a DUI | Minimum age not met
        Homeowner required | Under 18""",
}
CASES = [
    pytest.param(words.strip(), code, id=f"{code}: {words.strip()}")
    for code, block in SAID.items()
    for line in block.strip().splitlines()
    for words in line.split(" | ")
]


def test_the_table_knows_what_recipients_say() -> None:
    assert len(CASES) >= 150
    assert set(SAID) == {code.value for code in ReasonCode if list(ReasonCode).index(code) < 10}


@pytest.mark.parametrize(("words", "code"), CASES)
def test_a_common_wording_has_its_code(words: str, code: str) -> None:
    assert code_of(words) is ReasonCode(code)


@pytest.mark.parametrize(
    "words",
    [
        *(
            "",
            "No",
            "Rejected",
            "We do not like Mondays",
            "capital gains",
            "bidet",
            "Landscape",
            "handicapped",
        ),
        *("not a duplicate", "No duplicates found", "Not a known duplicate", "duplicate check passed"),
        *("Duplicate: no", "non-duplicate", "0 duplicates", "duplicate=false", "No dupes"),
        *("cap not reached", "Cap has not been met", "No cap", "within limit", "escaped", "recapture"),
        *("Consent verified", "TCPA consent on file", "with prior express consent", "TrustedForm verified"),
        *("no errors", "not invalid", "no action required", "email not required"),
        *("We will call within 24 hours", "rehired", "Deal enclosed", "disclosed", "Priceline", "closedown"),
        *("Lead rejected", "Declined", "Thank you", "Error 17", "-1", "null", "queued", "busybody"),
        *("in our service area", "not busy", "not closed", "DNC: clear", "litigator check: passed"),
    ],
)
def test_what_only_sounds_like_a_reason_has_none(words: str) -> None:
    assert code_of(words) is None


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("No duplicates found, but state not served", "out_of_area"),
        ("Consent verified; credit score too low", "not_eligible"),
        ("Duplicate check passed. Daily cap reached", "cap_exceeded"),
        ("Invalid API key", "unauthorized"),  # not invalid_data
        ("Missing consent", "consent"),  # not invalid_data
        ("Invalid zip: duplicate", "duplicate"),  # what is known already need not be valid
        ("Minimum age required", "not_eligible"),
        ("Try again: daily limit reached", "cap_exceeded"),
        ("Already have an attorney", "not_eligible"),  # and no duplicate
        ("We're closed. Please try again tomorrow", "hours"),
        ("State required", "invalid_data"),
        ("Unsupported state: invalid", "out_of_area"),
    ],
)
def test_the_specific_comes_before_the_general(words: str, code: str) -> None:
    assert code_of(words) is ReasonCode(code)


@given(st.text(max_size=256))
def test_no_words_crash(words: str) -> None:
    assert code_of(words) in (None, *ReasonCode)


@pytest.mark.parametrize(
    "word", ["state ", "no ", "not in the ", "already has ", "exceeded the ", "- ", "duplicate check "]
)
def test_no_words_take_long(word: str) -> None:
    """They are at most 256 characters; that nothing blows up below that is what the suite's timeout shows."""
    assert code_of((word * 256)[:256]) in (None, *ReasonCode)
