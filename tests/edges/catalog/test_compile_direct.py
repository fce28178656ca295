"""`direct`: another leadrelay or this one, and what makes no sense with it (behaviour 4.1)."""

from typing import Any

import pytest

from catalog_texts import loaded, of_destination, refused, warned
from leadrelay.core.destination import Destination, Direct, WhenUnknown
from leadrelay.core.reading import PeerReading

PEER = "target: relay.example:7400, flow: loans"


def compiled(keys: str, more: str = "") -> Destination:
    return loaded(of_destination(f"direct: {{{keys}}}\n{more}")).catalog.destinations["crm"]


@pytest.mark.parametrize(
    ("keys", "more", "direct"),
    [
        (PEER, "", Direct(flow="loans", host="relay.example", port=7400, is_whole=True)),
        (
            'target: "[2001:4860::1]:443", flow: loans, plaintext: true, loop_limit: 1',
            "",
            Direct(
                flow="loans", host="2001:4860::1", port=443, is_plaintext=True, loop_limit=1, is_whole=True
            ),
        ),
        (
            PEER,
            'mapping: [{to: email, value: "{{email}}"}]',
            Direct(flow="loans", host="relay.example", port=7400),
        ),
        (
            PEER,
            'pass_through: all\nmapping: [{to: a, value: "{{email}}"}]',
            Direct(flow="loans", host="relay.example", port=7400, is_whole=True),
        ),
    ],
)
def test_compiles_what_it_says(keys: str, more: str, direct: Direct) -> None:
    assert compiled(keys, more).protocol == direct


def test_a_peer_says_itself_what_became_of_a_lead_and_joins_what_is_sent_again() -> None:
    destination = compiled(PEER)
    assert isinstance(destination.reading, PeerReading)
    assert destination.when_unknown is WhenUnknown.RESEND
    assert compiled(PEER, "when_unknown: hold").when_unknown is WhenUnknown.HOLD
    assert compiled(PEER, "when_unknown: continue").when_unknown is WhenUnknown.CONTINUE


KEY = "key: {secret: k}"


@pytest.mark.parametrize(
    ("keys", "more", "problem"),
    [
        ("target: relay.example:7400", "", "direct: needs a `flow`, by its name there"),
        ("flow: loan", "", "direct.flow: there is no flow `loan`; there are: `f`"),
        ("flow: ff", "", "direct.flow: there is no flow `ff`; did you mean `f`?"),
        (
            "target: relay.example, flow: a",
            "",
            "direct.target: `relay.example` is no HOST:PORT, such as relay.example.com:7400 or "
            "[2001:db8::1]:7400",
        ),
        (
            "target: relay.example:70000, flow: a",
            "",
            "direct.target: `relay.example:70000` is no HOST:PORT, such as relay.example.com:7400 or "
            "[2001:db8::1]:7400",
        ),
        (
            'target: "https://relay.example:7400", flow: a',
            "",
            "direct.target: is HOST:PORT without a scheme; `plaintext: true` turns TLS off",
        ),
        (
            'target: "me:s3cret@relay.example:7400", flow: a',
            "",
            "direct.target: must not carry a user name or a password; use `auth`",
        ),
        (
            'target: "{{host}}:7400", flow: a',
            "",
            "direct.target: cannot be a template: it is the same for all leads",
        ),
        (f"{PEER}, loop_limit: 101", "", "direct.loop_limit: cannot be more than 100"),
        (PEER, "reading: {}", "reading: the peer says itself what became of the lead; remove `reading`"),
        (
            PEER,
            'mapping: [{to: 0.a, value: "{{email}}"}]',
            "mapping[0.a].to: a lead has named fields; begin the path with a name",
        ),
        (
            PEER,
            f"auth: [{{hmac: {{{KEY}}}}}]",
            "auth[0].hmac: signs the body of an HTTP request; use `api_key`, `bearer`, `basic`, `headers`, "
            "`oauth2` or `mtls`",
        ),
        (
            PEER,
            f"auth: [{{api_key: {{query: k, {KEY}}}}}]",
            "auth[0].api_key.query: a call of gRPC has no query; use `header`, which is sent as metadata",
        ),
        (
            PEER,
            f"auth: [{{api_key: {{header: grpc-key, {KEY}}}}}]",
            "auth[0].api_key.header: `grpc-key` has a meaning of its own in gRPC, as all names with `grpc-` "
            "or `-bin`",
        ),
        (
            PEER,
            "auth: [{headers: {values: {Traceparent: {secret: k}}}}]",
            "auth[0].headers.values.Traceparent: the metadata `Traceparent` are set by leadrelay itself; use "
            "another name",
        ),
        (
            f"{PEER}, plaintext: true",
            "auth: [{mtls: {certificate: {secret: c}, private_key: {secret: k}}}]",
            "auth[0].mtls: shows no certificate without TLS; remove `plaintext`",
        ),
    ],
)
def test_refuses_what_cannot_be_meant(keys: str, more: str, problem: str) -> None:
    problems = refused(of_destination(f"direct: {{{keys}}}\n{more}"))
    assert [line.partition("destinations[crm].")[2] for line in problems] == [problem]


def test_a_flow_of_this_server_needs_no_proof_and_no_choice_of_encryption() -> None:
    text = """
    destinations:
    - name: inner
      direct: {flow: b, plaintext: true}
      auth: [{bearer: {token: {secret: k}}}]
    - {name: crm, rest: {url: "https://example.com"}, pass_through: all}
    flows:
    - {name: a, steps: [{deliver: inner}]}
    - {name: b, steps: [{deliver: crm}]}
    """
    assert refused(text) == [
        "c.yaml:4: destinations[inner].direct.plaintext: is for another server: without a `target` the flow "
        "is one of this server's",
        "c.yaml:5: destinations[inner].auth[0].bearer: a flow of this server asks for no proof; remove it, "
        "or name another server as `target`",
    ]


@pytest.mark.parametrize(
    ("keys", "warnings"),
    [
        (f"{PEER}, plaintext: true", ["sends personal data and credentials unencrypted"]),
        ("target: 127.0.0.1:7400, flow: a, plaintext: true", ["leads to a loopback address"]),
        ("target: 10.0.0.1:7400, flow: a", ["leads to "]),
    ],
)
def test_warns_of_what_is_risky_or_will_be_refused(keys: str, warnings: list[str]) -> None:
    told: list[Any] = warned(of_destination(f"direct: {{{keys}}}"))
    assert len(told) == len(warnings)
    assert all(words in line for words, line in zip(warnings, told, strict=True))
