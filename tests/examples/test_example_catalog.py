"""The example catalog: sound, and what the sample recipients really accept.

Each destination's request is made of a lead by its own mapping and put through the recipient's own door,
and the recipient's answer through the destination's reading.
"""

from pathlib import Path

import pytest
import trio

from leadrelay.core.catalog import Catalog
from leadrelay.core.destination import ApiKey, Basic, OAuth2ClientCredentials, Rest, Webhook
from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import Kind, Outcome, ReasonCode
from leadrelay.core.plan import plan
from leadrelay.core.scope import Scope
from leadrelay.edges.catalog.files import read_paths
from leadrelay.edges.catalog.load import Loaded, load
from leadrelay.edges.catalog.problems import CatalogRefused
from leadrelay.recipients.analytics import Analytics
from leadrelay.recipients.crm import CLIENT_ID, Crm
from leadrelay.recipients.dialer import Dialer
from leadrelay.recipients.forgetful import Forgetful, hangs_up
from leadrelay.recipients.http_message import HungUpError, Request
from leadrelay.recipients.premium import USER, Premium
from leadrelay.recipients.recipient import Recipient
from leadrelay.recipients.slow import Slow
from leadrelay.recipients.standard import Standard, finds_it_busy
from values import a_lead

FOLDER = Path(__file__).parents[2] / "examples" / "catalog"
SECRETS = {"demo-crm-client", "demo-dialer-key", "demo-premium-password", "demo-standard-key"}
LEAD = {
    "first_name": "Ada",
    "last_name": "Byron",
    "email": "Ada.Byron@example.com",
    "phone_1": "614.555.0105",
    "city": "Columbus",
    "state": "OH",
    "postal_code": "43264",
    "dob": "1990-12-10",
    "loan_amount": "$60,000",
    "loan_purpose": "moving",
    "credit_score": "733",
    "consent": "yes",
    "source": "radio",
}
BUSY = next(email for n in range(100) if finds_it_busy(email := f"ada{n}@example.com"))


def the_catalog() -> Loaded:
    return load(read_paths([FOLDER]), secret_names=SECRETS)


@pytest.fixture
def catalog() -> Catalog:
    return the_catalog().catalog


async def put(
    catalog: Catalog, name: str, recipient: Recipient, *, authorization: str = "", **more: str
) -> tuple[Request, Outcome]:
    """What the recipient gets, and what its answer means."""
    destination = catalog.destinations[name]
    protocol = destination.protocol
    assert isinstance(protocol, Rest | Webhook)
    scope = Scope.of(a_lead(**LEAD | more))
    mapped = destination.mapping.apply(scope)
    assert mapped.is_complete
    request = Request(
        method=protocol.method if isinstance(protocol, Rest) else "POST",
        path=str(protocol.url(scope)).removeprefix("http://127.0.0.1:7480"),
        query="",
        headers={"content-type": protocol.body.content_type, "idempotency-key": more.get("email", "")},
        body=protocol.body.encode(mapped.payload, scope),
    )
    for proof in destination.proofs:
        if isinstance(proof, ApiKey):  # the sample recipients' keys are called what they are
            request.headers[proof.header.lower()] = proof.prefix + proof.key
    if authorization:
        request.headers["authorization"] = authorization
    answer = await recipient.handle(request)
    reply = Reply(status=answer.status, headers=(("content-type", answer.content_type),), body=answer.body)
    return request, destination.reading.read(reply)


def test_the_example_catalog_loads_without_a_warning() -> None:
    loaded = the_catalog()
    assert list(map(str, loaded.warnings)) == []
    assert set(loaded.catalog.destinations) == {
        "crm",
        "dialer",
        "premium_buyer",
        "standard_buyer",
        "forgetful_buyer",
        "weekend_desk",
        "analytics",
        "slow_partner",
        "down_partner",
        "northstar_ping",
        "northstar_post",
        "meadow_ping",
        "meadow_post",
    }
    assert list(loaded.catalog.flows) == [
        "single",
        "waterfall",
        "parallel",
        "conditional",
        "auction",
        "doubtful",
    ]


def test_without_its_secrets_the_example_is_refused_with_the_way_to_store_each() -> None:
    with pytest.raises(CatalogRefused) as refusal:
        load(read_paths([FOLDER]), secret_names=set())
    assert len(refusal.value.problems) == len(SECRETS)
    for secret in SECRETS:
        assert f"there is no secret `{secret}`. To store it, run `leadrelay secrets put {secret}`" in str(
            refusal.value
        )


async def test_the_crm_makes_a_record_and_tells_its_id_and_url(catalog: Catalog) -> None:
    proof = catalog.destinations["crm"].proofs[0]
    assert isinstance(proof, OAuth2ClientCredentials)
    assert proof.token_url.endswith("/crm/oauth/token")
    assert proof.client_id == CLIENT_ID
    crm = Crm()
    crm._tokens.put("t", trio.current_time() + 60)
    request, outcome = await put(catalog, "crm", crm, authorization="Bearer t")
    assert b'"LastName":"Byron"' in request.body
    assert b'"Email":"ada.byron@example.com"' in request.body
    assert outcome.kind is Kind.SUCCESS
    assert outcome.reference.startswith("00Q")
    assert outcome.appended is not None
    assert str(outcome.appended["url"]).endswith(outcome.reference)
    _, again = await put(catalog, "crm", crm, authorization="Bearer t", first_name="Augusta")
    assert (again.kind, again.code) == (Kind.HARD_REJECT, ReasonCode.DUPLICATE)
    assert again.words == "A lead with this email or phone exists already"


async def test_the_dialer_gets_the_phone_number_in_its_notation(catalog: Catalog) -> None:
    request, outcome = await put(catalog, "dialer", Dialer())
    assert b"phone=%28614%29%20555-0105" in request.body
    assert b"priority=high" in request.body
    assert (outcome.kind, outcome.reference) == (Kind.SUCCESS, "D-1001")


async def test_the_premium_buyer_buys_at_a_price_and_its_no_is_understood(catalog: Catalog) -> None:
    proof = catalog.destinations["premium_buyer"].proofs[0]
    assert isinstance(proof, Basic)
    assert proof.username == USER
    login = "Basic bGVhZHJlbGF5OmRlbW8tcHJlbWl1bS1wYXNzd29yZA=="
    request, sold = await put(catalog, "premium_buyer", Premium(), authorization=login)
    assert b'"loan_amount":"60000.00"' in request.body
    assert (sold.kind, str(sold.price), sold.currency) == (Kind.SUCCESS, "48.50", "USD")
    assert sold.reference == "P-1001"
    _, refused = await put(catalog, "premium_buyer", Premium(), authorization=login, credit_score="500")
    assert (refused.kind, refused.words) == (Kind.HARD_REJECT, "Credit score too low")
    _, unknown = await put(catalog, "premium_buyer", Premium(), authorization="Basic x")
    assert unknown.kind is Kind.SYSTEM_ERROR


async def test_the_standard_buyer_buys_and_its_busy_is_not_now(catalog: Catalog) -> None:
    _, sold = await put(catalog, "standard_buyer", Standard(), email="bob@example.com")
    assert (sold.kind, str(sold.price), sold.currency) == (Kind.SUCCESS, "12.5", "USD")
    assert sold.reference == "S-1001"
    _, busy = await put(catalog, "standard_buyer", Standard(), email=BUSY)
    assert busy.kind is Kind.SOFT_REJECT
    _, refused = await put(catalog, "standard_buyer", Standard(), phone_1="555")
    assert (refused.kind, refused.words) == (Kind.HARD_REJECT, "phone is invalid")


async def test_the_forgetful_buyer_buys_and_hangs_up_on_some(catalog: Catalog) -> None:
    emails = [f"ada{number}@example.com" for number in range(100)]
    heard = next(email for email in emails if not hangs_up(email))
    request, sold = await put(catalog, "forgetful_buyer", Forgetful(), email=heard)
    assert b'"name":"Ada Byron"' in request.body
    assert (sold.kind, str(sold.price), sold.reference) == (Kind.SUCCESS, "18.00", "F-1001")
    with pytest.raises(HungUpError):
        await put(catalog, "forgetful_buyer", Forgetful(), email=next(filter(hangs_up, emails)))


async def test_analytics_gets_the_whole_lead_but_its_sensitive_fields(catalog: Catalog) -> None:
    request, outcome = await put(catalog, "analytics", Analytics())
    assert b'"loan_amount":60000' in request.body  # a number, in its normal form (behaviour 3.4)
    assert b"dob" not in request.body
    assert outcome.kind is Kind.SUCCESS


async def test_the_weekend_desk_takes_what_it_is_sent_when_it_is_open(catalog: Catalog) -> None:
    _, outcome = await put(catalog, "weekend_desk", Slow(delay=0))
    assert (outcome.kind, outcome.reference) == (Kind.SUCCESS, "W-1001")


async def test_the_slow_partner_takes_the_lead_in_its_own_time(catalog: Catalog) -> None:
    _, outcome = await put(catalog, "slow_partner", Slow(delay=0))
    assert (outcome.kind, outcome.reference) == (Kind.SUCCESS, "W-1001")


@pytest.mark.parametrize(
    ("flow", "lead", "first"),
    [
        ("single", {}, {"crm"}),
        ("waterfall", {}, {"premium_buyer"}),
        ("waterfall", {"loan_amount": "$12,000"}, {"down_partner"}),
        ("waterfall", {"loan_amount": "$12,000", "credit_score": "500"}, {"weekend_desk"}),
        ("parallel", {}, {"crm", "dialer", "analytics", "slow_partner", "down_partner"}),
        ("conditional", {}, {"premium_buyer"}),
        ("conditional", {"loan_amount": "5000", "state": "ca"}, {"crm"}),
        ("conditional", {"loan_amount": "5000"}, {"standard_buyer"}),
        ("conditional", {"loan_amount": "5000", "credit_score": ""}, {"analytics"}),
        ("conditional", {"consent": "no"}, set()),
    ],
)
def test_a_lead_goes_where_the_comments_say(
    catalog: Catalog, flow: str, lead: dict[str, str], first: set[str]
) -> None:
    decided = plan(catalog.flows[flow], a_lead(flow=flow, **LEAD | lead), {})
    assert {start.deliver.destination for start in decided.start} == first


def test_a_lead_without_consent_is_told_why(catalog: Catalog) -> None:
    decided = plan(catalog.flows["conditional"], a_lead(flow="conditional", **LEAD | {"consent": "no"}), {})
    assert decided.settled is not None
    assert decided.settled.reason == "no consent to be contacted (consent is no)"
