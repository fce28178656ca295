"""What is asked of a token endpoint, and what its answers mean (RFC 6749, 4.4 and 5)."""

from base64 import b64decode
from dataclasses import replace
from urllib.parse import parse_qs, unquote_plus

import orjson
import pytest

from leadrelay.auth.token_endpoint import MAX_ANSWER, read_answer, token_request
from leadrelay.auth.tokens import Granted, NoToken, Refused
from leadrelay.core.destination import ClientAuthMethod, OAuth2ClientCredentials, OAuth2JwtBearer
from leadrelay.core.exchange import Reply, record_request
from leadrelay.core.masking import MASK

GRANT = [("grant_type", "client_credentials")]
PROOF = OAuth2ClientCredentials(
    token_url="https://id.example/token?tenant=7", client_id="me", client_secret="s"
)
POSTED = OAuth2ClientCredentials(
    token_url="https://id.example/token",
    client_id="me",
    client_secret="s",
    client_auth=ClientAuthMethod.POST,
    scopes=("leads.write", "leads.read"),
    extra={"audience": "https://buyer.example/", "body": "x", "redirect_uri": "y"},
)


def test_the_secret_is_shown_as_http_basic() -> None:
    request = token_request(PROOF, GRANT, "hush")
    assert (request.method, request.url) == ("POST", "https://id.example/token?tenant=7")
    assert request.body == b"grant_type=client_credentials"
    assert dict(request.headers) == {
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
        "Authorization": "Basic bWU6aHVzaA==",
    }
    assert dict(record_request(request).headers)["Authorization"] == MASK


def test_the_secret_is_shown_in_the_form_with_scopes_and_extras() -> None:
    request = token_request(POSTED, GRANT, "hu&sh")
    assert parse_qs(request.body.decode(), strict_parsing=True) == {
        "grant_type": ["client_credentials"],
        "scope": ["leads.write leads.read"],
        "audience": ["https://buyer.example/"],
        "body": ["x"],
        "redirect_uri": ["y"],
        "client_id": ["me"],
        "client_secret": ["hu&sh"],
    }
    assert "Authorization" not in dict(request.headers)


def test_http_basic_carries_every_id_and_secret() -> None:
    """RFC 6749, 2.3.1: both are form-encoded first, so that a colon or a `%` of theirs does no harm."""
    request = token_request(replace(PROOF, client_id="tenant:me"), GRANT, "50% +/=\u20ac")
    shown = b64decode(dict(request.headers)["Authorization"].removeprefix("Basic ")).decode()
    assert shown == "tenant%3Ame:50%25%20%2B%2F%3D%E2%82%AC"
    assert [unquote_plus(part) for part in shown.split(":")] == ["tenant:me", "50% +/=\u20ac"]


def answer(body: object, status: int = 200) -> Reply:
    return Reply(status=status, body=body if isinstance(body, bytes) else orjson.dumps(body))


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize(
    "kind",
    [{}, *({"token_type": kind} for kind in (None, "", "bearer", "BEARER", "BearerToken"))],
)
def test_a_token_is_granted(status: int, kind: dict[str, str | None]) -> None:
    got = read_answer(answer({"access_token": "t", "expires_in": 60, **kind}, status), 600)
    assert got == Granted("t", 60)


def test_no_error_beside_a_token_is_none() -> None:
    """Serializers that write every member say `null` of those that there are not."""
    for nothing in (None, ""):
        body = {"access_token": "t", "error": nothing, "error_description": nothing, "refresh_token": nothing}
        assert read_answer(answer(body), 600) == Granted("t", 600)


def test_a_token_may_come_in_a_form() -> None:
    headers = (("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),)
    body = b"access_token=t%2B1&expires_in=60&token_type=bearer&refresh_token=r"
    assert read_answer(Reply(status=200, headers=headers, body=body), 600) == Granted("t+1", 60, "r")
    mislabelled = Reply(status=200, headers=headers, body=b'{"access_token": "t"}')
    assert read_answer(mislabelled, 600) == Granted("t", 600)
    refusal = Reply(status=200, headers=headers, body=b"error=incorrect_client_credentials&access_token=hush")
    with pytest.raises(Refused, match="incorrect_client_credentials"):
        read_answer(refusal, 600)


def test_a_byte_order_mark_hides_no_token() -> None:
    assert read_answer(answer(b'\xef\xbb\xbf{"access_token": "t"}'), 600) == Granted("t", 600)


@pytest.mark.parametrize(
    ("expires_in", "lifetime"),
    [
        (3600, 3600),
        ("3600", 3600),
        (59.5, 59.5),
        (1e300, 366 * 86400),
        (None, 600),
        ("", 600),
        ("soon", 600),
        ("nan", 600),
        ("1" * 400, 600),
        (0, 600),
        (-1, 600),
        (True, 600),
        ([1], 600),
        ({}, 600),
    ],
)
def test_a_lifetime_that_is_missing_or_nonsense_is_the_default(expires_in: object, lifetime: float) -> None:
    got = read_answer(answer({"access_token": "t", "expires_in": expires_in}), 600)
    assert got == Granted("t", lifetime)
    assert read_answer(answer({"access_token": "t"}), 600) == Granted("t", 600)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (
            answer({"error": "invalid_client", "error_description": "hush"}, 401),
            "(invalid_client) with status 401",
        ),
        (answer({"error": "invalid_scope"}, 200), "(invalid_scope) with status 200"),
        (answer({"error": "HUSH-42-hush"}, 400), "refused with status 400"),
        (answer({"error": {"code": "hush"}}, 400), "refused with status 400"),
        (answer(b"<html>hush</html>", 502), "refused with status 502"),
        (answer({"access_token": "hush"}, 500), "refused with status 500"),
        (answer(b"", 302), "refused with status 302"),
        (answer(b"<html>hush</html>"), "no access_token"),
        (answer(b"access_token=hush"), "no access_token"),
        (answer(b""), "no access_token"),
        (answer(["hush"]), "no access_token"),
        (answer({"token": "hush"}), "no access_token"),
        (answer({"access_token": ""}), "no access_token"),
        (answer({"access_token": 17}), "no access_token"),
        (answer({"access_token": "hush\r\nX: y"}), "no access_token"),
        (answer({"access_token": "hush", "token_type": "mac"}), "another type"),
        (answer(b'{"access_token":"hush","x":"' + b"x" * MAX_ANSWER + b'"}'), "longer"),
    ],
)
def test_an_answer_without_a_token_is_told_by_its_code_and_never_repeated(reply: Reply, words: str) -> None:
    with pytest.raises(NoToken) as caught:
        read_answer(reply, 600)
    assert words in str(caught.value)
    assert "hush" not in str(caught.value).lower()


def test_a_client_without_a_secret_names_itself_unless_an_assertion_does() -> None:
    public = OAuth2ClientCredentials(token_url="https://id.example/token", client_id="me")
    request = token_request(public, [("grant_type", "refresh_token"), ("refresh_token", "r+/=&")], "")
    assert parse_qs(request.body.decode(), strict_parsing=True) == {
        "grant_type": ["refresh_token"],
        "refresh_token": ["r+/=&"],
        "client_id": ["me"],
    }
    assert "Authorization" not in dict(request.headers)
    assertion = OAuth2JwtBearer(
        token_url="https://id.example/token", client_id="me", username="ada", private_key="k"
    )
    request = token_request(assertion, [("grant_type", "x"), ("assertion", "y")], "")
    assert request.body == b"grant_type=x&assertion=y"


@pytest.mark.parametrize(
    ("given", "kept"),
    [("r-2", "r-2"), ("with space", "with space"), (None, ""), ("", ""), (17, ""), ("line\nbreak", "")],
)
def test_a_refresh_token_in_an_answer_is_told(given: object, kept: str) -> None:
    got = read_answer(answer({"access_token": "t", "refresh_token": given}), 600)
    assert got == Granted("t", 600, kept)
    assert "r-2" not in repr(got)


@pytest.mark.parametrize(
    ("date", "served_at"),
    [("Sun, 06 Nov 1994 08:49:37 GMT", 784111777.0), ("yesterday", None), ("", None)],
)
def test_a_refusal_tells_its_code_and_the_endpoints_time(date: str, served_at: float | None) -> None:
    reply = Reply(status=400, headers=(("Date", date),), body=b'{"error":"invalid_grant"}')
    with pytest.raises(Refused) as caught:
        read_answer(reply, 600)
    assert (caught.value.code, caught.value.served_at) == ("invalid_grant", served_at)


def test_a_secret_in_place_of_an_error_code_is_not_repeated() -> None:
    reply = Reply(status=401, body=orjson.dumps({"error": "hush_hush"}))
    with pytest.raises(Refused) as refusal:
        read_answer(reply, 60, shown=("me", "hush_hush"))
    assert "hush" not in str(refusal.value)
    assert refusal.value.code == ""
