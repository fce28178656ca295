"""Credentials by either client: put, listed by name, deleted, rotated; and never had back."""

import pytest

from clients.faces import Face
from clients.small_relay import SmallRelay
from leadrelay_client import FailedPrecondition, LeadrelayError

CANARY = "canary-4711"


def put(relay: SmallRelay, face: Face, name: str) -> None:
    face.ask(relay.target, lambda client: client.put_secret(name, "x"))


@pytest.mark.parametrize("value", [CANARY, CANARY.encode()])
def test_a_secret_is_put_as_text_or_bytes(relay: SmallRelay, face: Face, value: str | bytes) -> None:
    created = [face.ask(relay.target, lambda client: client.put_secret("crm", value)) for _ in range(2)]
    assert created == [True, False]
    assert [(request.name, request.value) for _, request, _ in relay.calls] == [("crm", CANARY.encode())] * 2


def test_a_list_is_had_with_all_its_pages(relay: SmallRelay, face: Face) -> None:
    assert face.ask(relay.target, lambda client: client.list_secrets()) == []
    for name in ("d", "a", "e", "c", "b"):
        put(relay, face, name)
    listed = face.ask(relay.target, lambda client: client.list_secrets())
    assert [secret.name for secret in listed] == ["a", "b", "c", "d", "e"]
    pages = [request for method, request, _ in relay.calls if method == "List"][1:]
    assert [page.page_token for page in pages] == ["", "b", "d"]
    assert {page.page_size for page in pages} == {1000}


def test_a_secret_is_deleted_unless_it_is_in_use(relay: SmallRelay, face: Face) -> None:
    put(relay, face, "crm")
    assert face.ask(relay.target, lambda client: client.delete_secret("crm")) is None
    assert face.ask(relay.target, lambda client: client.list_secrets()) == []
    with pytest.raises(FailedPrecondition) as caught:
        face.ask(relay.target, lambda client: client.delete_secret("in-use"))
    assert caught.value.reason == "SECRET_IN_USE"
    assert caught.value.facts == {"destinations": "crm"}


def test_a_rotation_tells_how_many(relay: SmallRelay, face: Face) -> None:
    for name in "ab":
        put(relay, face, name)
    assert face.ask(relay.target, lambda client: client.rotate_secrets()) == 2


def test_a_put_that_fails_does_not_repeat_the_value(relay: SmallRelay, face: Face) -> None:
    relay.stop()
    with pytest.raises(LeadrelayError) as caught:
        face.ask(relay.target, lambda client: client.put_secret("crm", CANARY), timeout=0.5)
    error: BaseException | None = caught.value
    while error is not None:
        assert CANARY not in f"{error!r} {error}"
        error = error.__cause__
