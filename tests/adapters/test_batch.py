"""A lead of a batch is composed alone, with what its reply is found by (behaviour 4.6)."""

from dataclasses import replace

import pytest

from leadrelay.adapters.registry import adapter_for
from leadrelay.core.batch import Batch
from leadrelay.core.destination import Destination, Rest
from leadrelay.core.encoding import Body
from leadrelay.core.encoding.listed import compile_list
from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import Envelope, Request
from leadrelay.core.mapping import Rule, compile_mapping
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.scope import Scope
from values import a_destination, a_lead


def batching(key: str = "") -> Destination:
    plain, encoder = a_destination("buyer"), compile_list(Body())
    assert isinstance(plain.protocol, Rest)
    mapping = compile_mapping((Rule(to="email", value="{{email}}"),), sensitive=frozenset({"email"}))
    batch = Batch(most=3, linger=1, listing=encoder.listing, key=key)
    return replace(plain, protocol=replace(plain.protocol, body=encoder), mapping=mapping, batch=batch)


def composed(destination: Destination, **fields: str) -> Request:
    scope = Scope.of(a_lead(**fields))
    adapter = adapter_for(destination)
    return adapter.compose(destination.mapping.apply(scope), scope, Envelope(idempotency_key="k"))


def test_it_is_a_list_of_one_whose_sensitive_values_are_known() -> None:
    request = composed(batching(), email="ada@example.com")
    assert request.body == b'[{"email":"ada@example.com"}]'
    assert request.recorded_body == b'[{"email":"***"}]'
    assert "ada@example.com" in request.secrets
    assert request.item_key == ""


def test_its_key_is_what_it_sends_there() -> None:
    assert composed(batching("email"), email=" ada@example.com ").item_key == "ada@example.com"


def test_a_lead_without_a_key_is_not_sent() -> None:
    with pytest.raises(NotSent) as caught:
        composed(batching("email"), first_name="Ada")
    assert caught.value.code is ReasonCode.MAPPING_INVALID
    assert "`email` has no value, by which the lead's own reply would be found" in caught.value.words
