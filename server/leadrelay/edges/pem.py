"""PEM files of TLS, on either side of our port: what is wrong with one is said with its name, and at once.

gRPC would find it only as it listens or connects, and call it a failed handshake or a port that is taken.
"""

import ssl
from pathlib import Path


def read_pem(path: Path) -> bytes:
    """Raises ValueError, in words, as everything here."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from None


def read_authorities(path: Path) -> bytes:
    """The certificates of authorities to trust."""
    pem = read_pem(path)
    try:
        ssl.create_default_context(cadata=pem.decode("ascii"))
    except (ssl.SSLError, ValueError):
        raise ValueError(f"{path}: holds no certificates in PEM form of authorities to trust") from None
    return pem


def read_pair(certificate: Path, key: Path) -> tuple[bytes, bytes]:
    """A certificate and the key that belongs to it."""
    pair = read_pem(certificate), read_pem(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:@SECLEVEL=0")  # whether the key is long enough is for who is shown it to say
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (ssl.SSLError, ValueError):
        words = f"{certificate} and {key}: are no certificate and its unencrypted key, both in PEM form"
        raise ValueError(words) from None
    return pair


def _no_password() -> str:
    raise ValueError("an encrypted key")  # or OpenSSL would ask the terminal
