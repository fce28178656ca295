"""`auth`: every proof with what it needs, and secrets by name only (behaviour 2, 4.2)."""

import pytest

from catalog_texts import loaded, of_destination, of_rest, refused
from leadrelay.core import destination as core
from leadrelay.core.destination import (
    ApiKey,
    Basic,
    Bearer,
    ClientAuthMethod,
    CustomHeaders,
    Hmac,
    HmacAlgorithm,
    Mtls,
    OAuth2ClientCredentials,
    StandardWebhooks,
)
from leadrelay.edges.catalog.compile_auth import compile_proofs
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Findings
from leadrelay.v1.destination_pb2 import Credential, Destination, Soap, Wsse


def test_compiles_every_proof_in_order() -> None:
    text = of_rest("""
        auth:
        - api_key: {header: X-Key, key: {secret: a}, prefix: "Token "}
        - api_key: {query: key, key: {secret: b}}
        - basic: {username: me, password: {secret: c}}
        - bearer: {token: {secret: d}}
        - headers: {values: {X-One: {secret: e}, X-Two: {secret: f}}}
        - oauth2:
            token_url: https://example.com/token
            client_id: me
            client_secret: {secret: g}
            client_auth: post
            scopes: [leads, write]
            extra: {audience: x}
            default_lifetime: 5m
        - hmac: {key: {secret: a}}
        - hmac: {key: {secret: b}, algorithm: sha512, header: X-Hub, prefix: "sha512="}
        - standard_webhooks: {keys: [{secret: c}, {secret: d}]}
        - mtls: {certificate: {secret: e}, private_key: {secret: f}}
    """)
    assert loaded(text, set("abcdefg")).catalog.destinations["crm"].proofs == (
        ApiKey(key="a", header="X-Key", prefix="Token "),
        ApiKey(key="b", query="key"),
        Basic(username="me", password="c"),
        Bearer(token="d"),
        CustomHeaders(values={"X-One": "e", "X-Two": "f"}),
        OAuth2ClientCredentials(
            token_url="https://example.com/token",
            client_id="me",
            client_secret="g",
            client_auth=ClientAuthMethod.POST,
            scopes=("leads", "write"),
            extra={"audience": "x"},
            default_lifetime=300.0,
        ),
        Hmac(key="a", algorithm=HmacAlgorithm.SHA256, header="X-Signature"),
        Hmac(key="b", algorithm=HmacAlgorithm.SHA512, header="X-Hub", prefix="sha512="),
        StandardWebhooks(keys=("c", "d")),
        Mtls(certificate="e", private_key="f"),
    )


@pytest.mark.parametrize(
    ("auth", "problem"),
    [
        (
            "{}",
            "auth[0]: names no kind of proof; there are: `api_key`, `basic`, `bearer`, `oauth2`, `headers`, ",
        ),
        (
            "api_key: {key: {secret: s}}",
            "auth[0].api_key: needs the name of the `header`, the `query` parameter or the `field` that",
        ),
        ("api_key: {header: X-Key}", "auth[0].api_key: needs a credential: `key: {secret: NAME}`"),
        ("api_key: {header: 'a b', key: {secret: s}}", "`a b` cannot be the name of a header"),
        (
            "api_key: {query: k, prefix: x, key: {secret: s}}",
            "auth[0].api_key.prefix: a prefix is written before a key in a header only",
        ),
        ("basic: {password: {secret: s}}", "auth[0].basic: needs a `username`"),
        (
            "basic: {username: 'a:b', password: {secret: s}}",
            "auth[0].basic.username: a user name for HTTP Basic cannot have a colon",
        ),
        ("bearer: {}", "auth[0].bearer: needs a credential: `token: {secret: NAME}`"),
        ("headers: {}", "auth[0].headers: needs at least one header: `values: {X-Key: {secret: NAME}}`"),
        ("headers: {values: {Host Name: {secret: s}}}", "`Host Name` cannot be the name of a header"),
        ("hmac: {}", "auth[0].hmac: needs a credential: `key: {secret: NAME}`"),
        (
            "hmac: {key: {secret: s}, algorithm: sha265}",
            "hmac.algorithm: `sha265` is no algorithm that can be signed with; did you mean `sha256`?",
        ),
        (
            "hmac: {key: {secret: s}, algorithm: md5}",
            "`md5` is no algorithm that can be signed with; there are `sha256` and `sha512`",
        ),
        ("hmac: {key: {secret: s}, header: 'X Sig'}", "auth[0].hmac.header: `X Sig` cannot be the name"),
        ('hmac: {key: {secret: s}, prefix: "a\\nb"}', "auth[0].hmac.prefix: cannot have line breaks"),
        ("standard_webhooks: {}", "auth[0].standard_webhooks: needs at least one key: `keys: [{secret"),
        (
            f"standard_webhooks: {{keys: [{', '.join(['{secret: s}'] * 9)}]}}",
            "auth[0].standard_webhooks.keys: more than 8 keys cannot be meant",
        ),
        ("mtls: {certificate: {secret: s}}", "auth[0].mtls: needs a credential: `private_key: {secret: N"),
        ("mtls: {private_key: {secret: s}}", "auth[0].mtls: needs a credential: `certificate: {secret: N"),
        (
            "wsse: {username: me, password: {secret: s}}",
            "auth[0].wsse: WS-Security is a part of SOAP envelopes; use it with `soap`",
        ),
    ],
)
def test_says_what_a_proof_lacks(auth: str, problem: str) -> None:
    entry = auth if auth.startswith("{") else f"{{{auth}}}"
    (found,) = refused(of_rest(f"auth: [{entry}]"))
    assert found.startswith("c.yaml:5: destinations[crm].auth[0]")
    assert problem in found


def test_a_secret_that_does_not_exist_is_refused_with_the_way_to_store_it() -> None:
    """Behaviour 2: found when the catalog is applied, not when the first lead comes."""
    (problem,) = refused(of_rest("auth: [{bearer: {token: {secret: crm-token}}}]"), {"other"})
    assert problem == (
        "c.yaml:5: destinations[crm].auth[0].bearer.token.secret: there is no secret `crm-token`. "
        "To store it, run `leadrelay secrets put crm-token`, or write it into the file crm-token of the "
        "folder given with `--secrets DIR`, "
        "or into the environment variable LEADRELAY_SECRET_CRM_TOKEN"
    )


def test_a_misspelt_secret_is_spelt() -> None:
    (problem,) = refused(of_rest("auth: [{bearer: {token: {secret: crm-tokn}}}]"), {"crm-token", "other"})
    assert "there is no secret `crm-tokn`; did you mean `crm-token`? To store it, run" in problem


def test_what_is_no_name_of_a_secret_is_not_repeated() -> None:
    """It may well be the secret itself."""
    (problem,) = refused(of_rest("auth: [{bearer: {token: {secret: 'hunter2+/='}}}]"), set())
    assert "this is no name of a secret" in problem
    assert "hunter2" not in problem


def test_compiles_ws_security_of_a_soap_destination() -> None:
    findings = Findings()
    context = Context(findings=findings, fields={}, sensitive=frozenset())
    message = Destination(soap=Soap(wsdl="x"))
    message.auth.add(wsse=Wsse(username="me", password=Credential(secret="s"), digest=True))
    assert compile_proofs(context, (), message) == (core.Wsse(username="me", password="s", digest=True),)
    assert findings.problems == []
    message.auth.add(wsse=Wsse(username="a\nb"))
    compile_proofs(context, (), message)
    assert [problem.path for problem in findings.problems] == ["auth[1].wsse.username", "auth[1].wsse"]


MTLS = "mtls: {certificate: {secret: s}, private_key: {secret: s}}"


def test_a_connection_shows_one_certificate() -> None:
    (problem,) = refused(of_rest(f"auth: [{{{MTLS}}}, {{{MTLS}}}]"))
    assert "auth[1].mtls: a connection shows one certificate" in problem


def test_a_certificate_is_not_shown_in_clear() -> None:
    text = of_destination(f'webhook: {{url: "http://127.0.0.1/leads"}}\nauth: [{{{MTLS}}}]')
    (problem,) = refused(text)
    assert "auth[0].mtls: http:// shows no certificate; use https://" in problem


def test_a_client_that_shows_a_certificate_needs_no_secret_for_its_tokens() -> None:
    """RFC 8705."""
    oauth2 = "oauth2: {token_url: 'https://x.example/token', client_id: me}"
    assert loaded(of_rest(f"auth: [{{{oauth2}}}, {{{MTLS}}}]")).catalog.destinations


@pytest.mark.parametrize(
    "place",
    [
        'rest: {url: "https://e.example", body: {format: xml, xml: {root: lead}}}',
        'rest: {url: "https://e.example", body: {xml: {root: lead}}}',
        'rest: {url: "https://e.example", body: {format: json, parameter: data}}',
        'rest: {url: "https://e.example", method: GET}',
    ],
)
def test_a_key_in_the_body_needs_a_body_with_members(place: str) -> None:
    keys = f"{place}\npass_through: all\nauth: [{{api_key: {{field: Key, key: {{secret: s}}}}}}]"
    problems = refused(of_destination(keys))
    assert any(
        "auth[0].api_key.field: a key in the body needs a body of `format: form`" in p for p in problems
    )


def test_a_key_may_be_in_the_body_of_a_webhook() -> None:
    keys = 'webhook: {url: "https://e.example"}\nauth: [{api_key: {field: Key, key: {secret: s}}}]'
    assert loaded(of_destination(keys)).catalog.destinations["crm"].proofs == (ApiKey(key="s", field="Key"),)
