"""Certificates for the tests of TLS, made on the spot: an authority and what it signs."""

import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Days = tuple[int, int]
NOW: Days = (-1, 1)


@dataclass
class Authority:
    """Signs certificates of servers and of clients."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def server(self, *, name: str = "127.0.0.1", valid: Days = NOW) -> ssl.SSLContext:
        """A server that shows a certificate for `name`, valid between two days counted from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        return _context(_signed(name, key, self.certificate.subject, self.key, valid), key)

    def demanding_server(self, clients: "Authority", **more: ssl.TLSVersion) -> ssl.SSLContext:
        """A server that takes clients of an authority only; `maximum_version` bounds its TLS."""
        context = self.server()
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=clients.pem)
        for name, value in more.items():
            setattr(context, name, value)
        return context

    def client(self) -> ssl.SSLContext:
        """A client that trusts this authority and no other."""
        return ssl.create_default_context(cadata=self.pem)

    def client_pem(self, name: str = "leadrelay.example", *, valid: Days = NOW) -> tuple[str, str]:
        """A certificate for a client and its key, as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _signed(name, key, self.certificate.subject, self.key, valid)
        return _pem(certificate).decode(), _key_pem(key).decode()

    def intermediate(self) -> "Authority":
        """An authority that this one vouches for."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _named(f"Intermediate {x509.random_serial_number()}")
        builder = _builder(name, key, self.certificate.subject, self.key, NOW).add_extension(
            x509.BasicConstraints(True, None), critical=True
        )
        return Authority(key, builder.sign(self.key, hashes.SHA256()))

    @property
    def pem(self) -> str:
        return _pem(self.certificate).decode()


def an_authority() -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _named(f"Test Authority {x509.random_serial_number()}")
    certificate = _builder(name, key, name, key, NOW).add_extension(
        x509.BasicConstraints(True, None), critical=True
    )
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    return Authority(key, certificate.add_extension(usage, critical=True).sign(key, hashes.SHA256()))


def self_signed(name: str = "127.0.0.1") -> ssl.SSLContext:
    """A server that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    return _context(_signed(name, key, _named(name), key, NOW), key)


def _signed(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    valid: Days,
) -> x509.Certificate:
    is_address = name.replace(".", "").isdigit()
    known_as = x509.IPAddress(ip_address(name)) if is_address else x509.DNSName(name)
    builder = _builder(_named(name), key, issuer, issuer_key, valid)
    return builder.add_extension(x509.SubjectAlternativeName([known_as]), critical=False).sign(
        issuer_key, hashes.SHA256()
    )


def _builder(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    valid: Days,
) -> x509.CertificateBuilder:
    # From Python 3.13 on, whoever checks a certificate asks for both key identifiers (RFC 5280, 4.2.1).
    signed_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    its_own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    start, end = (datetime.now(UTC) + timedelta(days=day) for day in valid)
    return (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(signed_by, critical=False)
        .add_extension(its_own, critical=False)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _context(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:  # `ssl` loads keys from files only
        chain = Path(folder, "chain.pem")
        chain.write_bytes(_pem(certificate) + _key_pem(key))
        context.load_cert_chain(chain)
    return context
