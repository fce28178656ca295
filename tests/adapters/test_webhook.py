"""Webhooks: the whole lead or a mapping, as JSON or as a form (behaviour 4.1)."""

import pytest

from leadrelay.adapters.http import http_wires
from leadrelay.adapters.webhook import WebhookAdapter
from leadrelay.core.destination import Webhook
from leadrelay.core.encoding import Body, Format, compile_body
from leadrelay.core.exchange import Envelope, Request
from leadrelay.core.mapping import PassThrough, Rule, compile_mapping
from leadrelay.core.scope import Scope
from leadrelay.core.template import compile_template
from values import a_lead
from wires import LOOPBACK

FIELDS = {"first_name": "Ada", "ssn": "123-45-6789"}


def composed(written_as: Format, *rules: Rule, pass_through: PassThrough) -> Request:
    webhook = Webhook(
        url=compile_template("https://buyer.example/hook"), body=compile_body(Body(format=written_as))
    )
    scope = Scope.of(a_lead(**FIELDS))
    mapping = compile_mapping(rules, pass_through=pass_through, sensitive=frozenset({"ssn"}))
    adapter = WebhookAdapter(webhook, http_wires(allow=LOOPBACK))
    return adapter.compose(mapping.apply(scope), scope, Envelope(idempotency_key="key-1"))


@pytest.mark.parametrize(
    ("written_as", "body"), [(Format.JSON, b'{"first_name":"Ada"}'), (Format.FORM, b"first_name=Ada")]
)
def test_without_a_mapping_the_whole_lead_is_posted_but_for_what_is_sensitive(
    written_as: Format, body: bytes
) -> None:
    request = composed(written_as, pass_through=PassThrough.ALL)
    assert (request.method, request.url, request.body) == ("POST", "https://buyer.example/hook", body)


def test_a_sensitive_field_is_sent_if_listed_and_masked_in_the_record() -> None:
    request = composed(Format.JSON, Rule("ssn", "{{ssn}}"), pass_through=PassThrough.ALL)
    assert request.body == b'{"first_name":"Ada","ssn":"123-45-6789"}'
    assert request.recorded_body == b'{"first_name":"Ada","ssn":"***"}'


def test_a_mapping_sends_what_it_lists() -> None:
    request = composed(Format.JSON, Rule("name", "{{first_name}}"), pass_through=PassThrough.LISTED)
    assert request.body == b'{"name":"Ada"}'
