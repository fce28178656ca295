"""A rehearsal is the real thing up to the send: compared with what a delivery hands to its wire."""

from collections.abc import Callable
from typing import Any

import pytest
import trio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog_texts import loaded, of_destination
from fakes import Buyer, BuyerWire, MemoryJournal, OneCatalog, TrioClock, answers
from leadrelay.adapters.registry import adapter_over
from leadrelay.auth.build import signer_for
from leadrelay.auth.secrets import open_secrets
from leadrelay.core.catalog import Catalog
from leadrelay.core.destination import Destination
from leadrelay.core.exchange import Request, record_request
from leadrelay.core.facts import AttemptStarted, DeliveryEnded, Fact, LeadSettled
from leadrelay.core.lead import Lead
from leadrelay.core.ports import Adapter, Signer, Wire
from leadrelay.core.sending import hidden_texts
from leadrelay.edges.rehearsal import rehearse
from leadrelay.runtime.courier import Equipment
from leadrelay.runtime.intake import Intake
from leadrelay.runtime.outlets import Outlets
from values import MOMENT, a_lead

SECRETS = open_secrets(None, {"LEADRELAY_SECRET_S": "hunter2"})

JSON = """
rest:
  url: "https://buyer.example/{{state}}/leads?src={{source}}"
  method: PUT
  headers: {X-Name: "{{first_name}}", X-Id: "{{ssn}}"}
mapping:
- {to: name.first, value: "{{first_name}}", required: true}
- {to: name.last, value: "{{uppercase last_name}}", default: none}
- {to: ssn, value: "{{ssn}}"}
- {to: phones.0, value: '{{format phone "(###) ###-####"}}', empty: "null"}
- {to: state, value: "{{state}}", when: state != "CA"}
- {to: state, value: California, when: state == "CA"}
- {to: id, value: "{{lead.id}} {{delivery.id}} {{random}}"}
auth:
- basic: {username: me, password: {secret: S}}
- api_key: {query: key, key: {secret: S}}
"""
FORM = """
webhook: {url: "https://buyer.example/hook", body: {format: form}}
pass_through: all
mapping: [{to: phone, value: "{{phone}}", required: true}]
auth:
- headers: {values: {X-One: {secret: S}, X-Two: {secret: S}}}
"""
QUERY = """
rest: {url: "https://buyer.example/?v=2", method: GET}
pass_through: all
auth: [{bearer: {token: {secret: S}}}]
"""


class Outfit:
    """Real adapters and signers, over wires to a scripted buyer."""

    def __init__(self, buyer: Buyer) -> None:
        self._buyer = buyer

    def _wire(self) -> Wire:
        return BuyerWire(self._buyer)

    def adapter(self, destination: Destination) -> Adapter:
        return adapter_over(destination, self._wire)

    def signer(self, destination: Destination) -> Signer:
        return signer_for(destination.proofs, SECRETS, self._wire, TrioClock())


async def carried(catalog: Catalog, lead: Lead) -> tuple[list[Request], list[Fact]]:
    """What the buyer got of a lead, and what was written down."""
    buyer, journal = Buyer(answers()), MemoryJournal()
    outlets = Outlets(Outfit(buyer), TrioClock(), journal.caps)
    equipment = Equipment(outlets=outlets, clock=TrioClock(), chance=lambda: 0.5)
    intake = Intake(journal=journal, catalogs=OneCatalog(catalog), equipment=equipment, max_leads=10)
    async with trio.open_nursery() as nursery:
        await nursery.start(outlets.run)
        await nursery.start(intake.run)
        await intake.receive(lead, "digest", catalog)
        async with journal.follow(lead.id) as news:
            while not isinstance((await news.next()).fact, LeadSettled):
                pass
        nursery.cancel_scope.cancel()
    return buyer.requests, journal.facts(lead.id)


# Texts that break requests: line breaks, quotes, signs that URLs and forms know, nothing at all.
_TEXTS = st.sampled_from(
    ["", " ", "CA", "Ada", "é&=?#%+/", "5125550148", "a\r\nX: b", '"<x>"', "078-05-1120"]
)
_NAMES = ("first_name", "last_name", "ssn", "phone", "state", "source", "other field")
_LEADS = st.fixed_dictionaries({}, optional=dict.fromkeys(_NAMES, _TEXTS))


@pytest.mark.parametrize("keys", [JSON, FORM, QUERY], ids=["json", "form", "query"])
@given(fields=_LEADS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_preview_is_the_request_that_a_recipient_gets(keys: str, fields: dict[str, str]) -> None:
    catalog = loaded(of_destination(keys).replace("name: f", "name: loans")).catalog
    lead = a_lead(**{"x": "y"} | fields)
    seen = rehearse(catalog, catalog.destinations["crm"], lead, now=MOMENT)
    requests, facts = _run(carried, catalog, lead)
    ended = [fact.outcome for fact in facts if isinstance(fact, DeliveryEnded)]
    if not requests:
        assert seen.problems
        assert seen.record is None
        assert [seen.outcome] == ended
        return
    started = [fact for fact in facts if isinstance(fact, AttemptStarted)]
    assert seen.problems == ()
    assert [seen.record] == [fact.request for fact in started]
    assert [seen.warnings[: len(fact.warnings)] for fact in started] == [fact.warnings for fact in started]
    (got,) = requests
    assert seen.request is not None
    assert seen.request.body == got.body
    assert [name for name, _ in seen.request.headers] == [name for name, _ in got.headers]
    assert seen.record == record_request(got, hidden_texts(lead, catalog.sensitive))
    assert "hunter2" not in repr(seen)


def _run(function: Callable[..., Any], *arguments: Any) -> Any:
    return trio.run(function, *arguments, clock=trio.testing.MockClock(autojump_threshold=0))


def test_a_rehearsal_needs_no_secret_and_has_no_wire() -> None:
    """The secrets that it is given are none, and whoever asks for a wire fails."""
    keys = 'rest: {url: "https://buyer.example/"}\nmapping: [{to: a, value: "{{x}}"}]\n'
    oauth = "oauth2: {token_url: 'https://id.example/', client_id: me, client_secret: {secret: S}}"
    catalog = loaded(of_destination(f"{keys}auth: [{{{oauth}}}]")).catalog
    record = rehearse(catalog, catalog.destinations["crm"], a_lead(x="1"), now=MOMENT).record
    assert record is not None
    assert dict(record.headers)["Authorization"] == "***"


def test_earlier_answers_can_be_given_to_what_reads_them() -> None:
    keys = 'rest: {url: "https://b.example/"}\nmapping: [{to: a, value: "{{crm.url}} {{other.id}}"}]'
    catalog = loaded(of_destination(keys)).catalog
    appended = {"crm": {"url": "https://crm.example/7"}, "other": {"id": 8}}
    seen = rehearse(catalog, catalog.destinations["crm"], a_lead(), now=MOMENT, appended=appended)
    assert seen.request is not None
    assert seen.request.body == b'{"a":"https://crm.example/7 8"}'
