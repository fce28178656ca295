"""`oauth2`: each grant with all it needs and nothing of another (behaviour 2, 4.2)."""

import pytest

from catalog_texts import loaded, of_rest, refused, warned
from leadrelay.core.destination import (
    ClientAuthMethod,
    OAuth2,
    OAuth2ClientCredentials,
    OAuth2JwtBearer,
    OAuth2Password,
    OAuth2RefreshToken,
)

URL = "https://example.com/token"
CLIENT = f"token_url: {URL}, client_id: me"
OAUTH2 = f"{CLIENT}, client_secret: {{secret: s}}"


@pytest.mark.parametrize(
    ("keys", "proof"),
    [
        (
            "client_secret: {secret: a}",
            OAuth2ClientCredentials(token_url=URL, client_id="me", client_secret="a"),
        ),
        (
            "grant: client_credentials, client_secret: {secret: a}, client_auth: post",
            OAuth2ClientCredentials(
                token_url=URL, client_id="me", client_secret="a", client_auth=ClientAuthMethod.POST
            ),
        ),
        (
            "grant: refresh_token, client_secret: {secret: a}, refresh_token: {secret: b}",
            OAuth2RefreshToken(token_url=URL, client_id="me", client_secret="a", refresh_token="b"),
        ),
        (
            "grant: refresh_token, refresh_token: {secret: b}",
            OAuth2RefreshToken(token_url=URL, client_id="me", refresh_token="b"),
        ),
        (
            "grant: password, username: ada, password: {secret: b}, scopes: [x, y]",
            OAuth2Password(token_url=URL, client_id="me", username="ada", password="b", scopes=("x", "y")),
        ),
        (
            "grant: jwt_bearer, username: ada, private_key: {secret: a}, default_lifetime: 2h",
            OAuth2JwtBearer(
                token_url=URL, client_id="me", username="ada", private_key="a", default_lifetime=7200.0
            ),
        ),
        (
            "grant: jwt_bearer, username: ada, private_key: {secret: a}, audience: 'https://login.example'",
            OAuth2JwtBearer(
                token_url=URL,
                client_id="me",
                username="ada",
                private_key="a",
                audience="https://login.example",
            ),
        ),
    ],
)
def test_compiles_every_grant(keys: str, proof: OAuth2) -> None:
    text = of_rest(f"auth: [{{oauth2: {{{CLIENT}, {keys}}}}}]")
    assert loaded(text, {"a", "b"}).catalog.destinations["crm"].proofs == (proof,)


@pytest.mark.parametrize(
    ("auth", "problem"),
    [
        (
            "oauth2: {client_id: me, client_secret: {secret: s}}",
            "auth[0].oauth2: needs a `token_url`, as in https://example.com/oauth/token",
        ),
        (
            "oauth2: {token_url: https://example.com, client_secret: {secret: s}}",
            "auth[0].oauth2: needs a `client_id`",
        ),
        (
            "oauth2: {token_url: https://example.com, client_id: me}",
            "auth[0].oauth2: needs a credential: `client_secret: {secret: NAME}`",
        ),
        (
            "oauth2: {token_url: 'https://x.example/{{a}}', client_id: me, client_secret: {secret: s}}",
            "a token is for all leads, so its URL cannot be a template",
        ),
        (
            "oauth2: {token_url: x.example, client_id: me, client_secret: {secret: s}}",
            "auth[0].oauth2.token_url: needs a scheme and a host",
        ),
        (
            f"oauth2: {{{OAUTH2}, extra: {{client_secret: x}}}}",
            "auth[0].oauth2.extra.client_secret: `client_secret` cannot be sent as an extra; "
            "it is a setting of its own or not allowed",
        ),
        (f"oauth2: {{{OAUTH2}, default_lifetime: 0s}}", "default_lifetime: must be more than zero"),
        (
            f"oauth2: {{{OAUTH2}, grant: refresh_token}}",
            "auth[0].oauth2: needs a credential: `refresh_token: {secret: NAME}`",
        ),
        (
            f"oauth2: {{{OAUTH2}, grant: password, username: ada}}",
            "auth[0].oauth2: needs a credential: `password: {secret: NAME}`",
        ),
        (
            f"oauth2: {{{OAUTH2}, grant: password, password: {{secret: s}}}}",
            "auth[0].oauth2: needs a `username`",
        ),
        (
            f"oauth2: {{{OAUTH2}, grant: jwt_bearer, private_key: {{secret: s}}}}",
            "auth[0].oauth2: needs a `username`: whom the assertion speaks for (`sub`)",
        ),
        (
            f"oauth2: {{{OAUTH2}, grant: jwt_bearer, username: ada}}",
            "auth[0].oauth2: needs a credential: `private_key: {secret: NAME}`",
        ),
        (
            f"oauth2: {{{OAUTH2}, refresh_token: {{secret: s}}}}",
            "oauth2.refresh_token: belongs to the grant `refresh_token`, and this is "
            "`grant: client_credentials`",
        ),
        (
            f"oauth2: {{{OAUTH2}, username: ada}}",
            "oauth2.username: belongs to the grant `password` or `jwt_bearer`, and this is "
            "`grant: client_credentials`",
        ),
        (
            f"oauth2: {{{OAUTH2}, grant: refresh_token, refresh_token: {{secret: s}}, audience: x}}",
            "oauth2.audience: belongs to the grant `jwt_bearer`, and this is `grant: refresh_token`",
        ),
        (
            f"oauth2: {{{CLIENT}, client_auth: post, grant: refresh_token, refresh_token: {{secret: s}}}}",
            "oauth2.client_auth: says how a secret is shown, and there is no `client_secret`",
        ),
    ],
)
def test_says_what_a_grant_lacks_or_has_too_much(auth: str, problem: str) -> None:
    (found,) = refused(of_rest(f"auth: [{{{auth}}}]"))
    assert found.startswith("c.yaml:5: destinations[crm].auth[0]")
    assert problem in found


def test_a_token_fetched_in_clear_is_a_warning() -> None:
    text = of_rest(f"auth: [{{oauth2: {{{OAUTH2.replace('https', 'http')}}}}}]")
    assert warned(text) == [
        "c.yaml:5: destinations[crm].auth[0].oauth2.token_url: http:// sends the client's secret "
        "unencrypted; use https://"
    ]
