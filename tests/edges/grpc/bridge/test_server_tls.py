"""TLS and mutual TLS inward (behaviour 9), with certificates made here."""

import datetime
import ipaddress
from dataclasses import dataclass

import grpc
import pytest
import trio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from google.protobuf.wrappers_pb2 import StringValue

from edges.grpc.serving import ask, refusal
from leadrelay.edges.grpc.bridge import Call, CannotListen, Server, unary_unary

WHO = "/t.T/Who"


@dataclass
class Identity:
    """A certificate and its key, both as PEM."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def chain(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def secret(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def an_identity(name: str, issuer: Identity | None = None) -> Identity:
    """An authority, or somebody whom `issuer` vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    loopback = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(loopback, critical=False)
        .sign(issuer.key if issuer else key, hashes.SHA256())
    )
    return Identity(certificate, key)


async def who(_: StringValue, call: Call) -> StringValue:
    names = call.auth_context().get("x509_common_name", (b"nobody",))
    return StringValue(value=b" ".join(names).decode())


async def the_answer(
    server_side: grpc.ServerCredentials, client_side: grpc.ChannelCredentials | None
) -> StringValue | grpc.StatusCode:
    """What a client with these credentials hears from a server with those."""
    server = Server({WHO: unary_unary(who, StringValue)}, on_error=lambda _call, _error: None)
    address = f"127.0.0.1:{server.bind('127.0.0.1:0', server_side)}"
    options = [("grpc.use_local_subchannel_pool", 1)]
    async with trio.open_nursery() as nursery:
        await nursery.start(server.serve)
        with (
            grpc.secure_channel(address, client_side, options)
            if client_side
            else grpc.insecure_channel(address, options)
        ) as channel:
            stub = channel.unary_unary(WHO, StringValue.SerializeToString, StringValue.FromString)
            try:
                return await ask(stub, StringValue())
            except grpc.RpcError:
                return (await refusal(stub, StringValue())).code()
            finally:
                server.stop()


AUTHORITY = an_identity("authority")
SERVER = an_identity("server", AUTHORITY)
CLIENT = an_identity("a client", AUTHORITY)
STRANGER = an_identity("a stranger", an_identity("some other authority"))

TLS = grpc.ssl_server_credentials([(SERVER.secret, SERVER.chain)])
MUTUAL_TLS = grpc.ssl_server_credentials(
    [(SERVER.secret, SERVER.chain)], root_certificates=AUTHORITY.chain, require_client_auth=True
)


def credentials(who: Identity | None = None, trusting: Identity = AUTHORITY) -> grpc.ChannelCredentials:
    if who is None:
        return grpc.ssl_channel_credentials(trusting.chain)
    return grpc.ssl_channel_credentials(trusting.chain, who.secret, who.chain)


async def test_over_tls_a_client_that_trusts_us_is_served_and_remains_nobody() -> None:
    assert await the_answer(TLS, credentials()) == StringValue(value="nobody")


@pytest.mark.parametrize("client", [None, credentials(trusting=STRANGER)], ids=["in clear", "distrustful"])
async def test_a_client_that_speaks_no_tls_or_does_not_trust_us_gets_nothing(
    client: grpc.ChannelCredentials | None,
) -> None:
    assert await the_answer(TLS, client) is grpc.StatusCode.UNAVAILABLE


async def test_over_mutual_tls_the_handler_knows_who_calls() -> None:
    assert await the_answer(MUTUAL_TLS, credentials(CLIENT)) == StringValue(value="a client")


@pytest.mark.parametrize("client", [None, STRANGER], ids=["without a certificate", "with a foreign one"])
async def test_over_mutual_tls_nobody_else_gets_in(client: Identity | None) -> None:
    assert await the_answer(MUTUAL_TLS, credentials(client)) is grpc.StatusCode.UNAVAILABLE


async def test_a_key_that_is_not_the_certificates_is_found_before_anyone_calls() -> None:
    server = Server({}, on_error=lambda _call, _error: None)
    mixed_up = grpc.ssl_server_credentials([(CLIENT.secret, SERVER.chain)])
    with pytest.raises(CannotListen, match="not a PEM pair"):
        server.bind("127.0.0.1:0", mixed_up)
