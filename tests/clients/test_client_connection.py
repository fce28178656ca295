"""Reaching a server: TLS, keys, addresses. What cannot work is refused at once, and without the key."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from clients.faces import Face
from clients.small_relay import Journal, SmallRelay
from leadrelay_client import Unavailable
from leadrelay_client.connection import API_KEY_VARIABLE, authorization

LEAD = {"email": "ann@example.com"}


def certificate() -> tuple[bytes, bytes]:
    """A key and a certificate for 127.0.0.1 that vouches for itself, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relay")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return secret, signed.public_bytes(pem)


@pytest.fixture
def pair() -> tuple[bytes, bytes]:
    return certificate()


@pytest.fixture
def guarded(pair: tuple[bytes, bytes]) -> Iterator[SmallRelay]:
    """A relay that speaks TLS and shows `pair`."""
    relay = SmallRelay(Journal(), tls=grpc.ssl_server_credentials([pair]))
    yield relay
    relay.stop()


def test_tls_trusts_the_authority_in_the_file(
    guarded: SmallRelay, face: Face, pair: tuple[bytes, bytes], tmp_path: Path
) -> None:
    authority = tmp_path / "authority.pem"
    authority.write_bytes(pair[1])
    for tls in (authority, str(authority), grpc.ssl_channel_credentials(pair[1])):
        status = face.ask(
            guarded.target, lambda client: client.deliver_and_wait("mortgage", LEAD), tls=tls, api_key="k-1"
        )
        assert status.is_accepted


def test_tls_trusts_nobody_else(guarded: SmallRelay, face: Face) -> None:
    with pytest.raises(Unavailable):
        face.ask(guarded.target, lambda client: client.get_catalog(), tls=True)


@pytest.mark.parametrize("key", ["k-123\n", "k 123", "schlüssel-123"])
def test_a_key_that_cannot_be_sent_is_refused_and_not_shown(relay: SmallRelay, face: Face, key: str) -> None:
    with pytest.raises(ValueError, match="API key") as caught:
        face.ask(relay.target, lambda client: client.get_catalog(), api_key=key)
    assert "123" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (None, (("authorization", "Bearer of-the-environment"),)),
        ("k-1", (("authorization", "Bearer k-1"),)),
        ("", ()),
    ],
)
def test_a_key_of_the_environment_is_shown_unless_another_or_none_is_given(
    monkeypatch: pytest.MonkeyPatch, given: str | None, shown: tuple[tuple[str, str], ...]
) -> None:
    monkeypatch.setenv(API_KEY_VARIABLE, "of-the-environment")
    assert authorization(given) == shown


def test_a_malformed_trace_context_is_refused(relay: SmallRelay, face: Face) -> None:
    with pytest.raises(ValueError, match="traceparent"):
        face.collect(relay.target, lambda client: client.deliver("mortgage", LEAD, traceparent="00-1-2-3\n"))
    assert relay.calls == []


def test_a_url_is_no_target(face: Face) -> None:
    with pytest.raises(ValueError, match="host:port"):
        face.ask("http://127.0.0.1:7400", lambda client: client.get_catalog())


@pytest.mark.parametrize("keepalive", [None, 60.0])
def test_keepalive_may_be_set_or_off(relay: SmallRelay, face: Face, keepalive: float | None) -> None:
    assert face.ask(relay.target, lambda client: client.get_catalog(), keepalive=keepalive).version == 1
