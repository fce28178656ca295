"""How a verb gets to its server, and what it shows there: address, API key, TLS.

A key is never an argument: a command line is seen by everybody on the machine and kept in the shell's
history. It comes from the environment or from a file.
"""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc

from leadrelay.edges.pem import read_authorities, read_pair, read_pem
from leadrelay.settings import DEFAULT_LISTEN
from leadrelay_client.connection import API_KEY_VARIABLE

SERVER_VARIABLE: Final = "LEADRELAY_SERVER"
MAX_KEY_FILE: Final = 4096  # bytes
KEY_BEGINS: Final = "lrk_"
SEEN_BY_ALL: Final = (
    f"everybody on this machine sees a command line; put the key into {API_KEY_VARIABLE} or a file"
)


@dataclass(frozen=True, slots=True)
class Way:
    """Raises ValueError, in words, where a file that it names cannot be used."""

    target: str  # host:port
    key_file: Path | None = None
    is_encrypted: bool = False
    authorities: Path | None = None  # PEM; None: those that the machine trusts
    certificate: Path | None = None  # PEM, ours
    certificate_key: Path | None = None

    def __str__(self) -> str:
        return self.target

    def api_key(self) -> str:
        """Empty: it has none to show."""
        if self.key_file is None:
            return os.environ.get(API_KEY_VARIABLE, "")
        if str(self.key_file).startswith(KEY_BEGINS) and not self.key_file.exists():
            raise ValueError(f"--api-key-file names a file, and this is a key itself: {SEEN_BY_ALL}")
        return read_pem(self.key_file)[:MAX_KEY_FILE].decode(errors="replace").strip()

    def tls(self) -> grpc.ChannelCredentials | bool:
        """False: plaintext. What gRPC would only find wrong as it connects is refused here, with its file."""
        if not self.is_encrypted:
            return False
        roots = None if self.authorities is None else read_authorities(self.authorities)
        if (self.certificate is None) is not (self.certificate_key is None):
            raise ValueError(
                "a certificate and its key go together: give --certificate and --certificate-key"
            )
        if self.certificate is None or self.certificate_key is None:
            return grpc.ssl_channel_credentials(roots)
        certificate, key = read_pair(self.certificate, self.certificate_key)
        return grpc.ssl_channel_credentials(roots, key, certificate)


def options(verb: argparse.ArgumentParser) -> None:
    """What every verb that asks a server takes: whom to ask, and what to show there."""
    verb.add_argument(
        "--server",
        type=_target,
        default=os.environ.get(SERVER_VARIABLE) or DEFAULT_LISTEN,
        metavar="HOST:PORT",
        help=f"default: %(default)s ({SERVER_VARIABLE} sets another)",
    )
    verb.add_argument(
        "--api-key-file", type=Path, metavar="FILE", help=f"the API key to show (or {API_KEY_VARIABLE})"
    )
    verb.add_argument("--api-key", type=_not_here, help=argparse.SUPPRESS)
    verb.add_argument(
        "--tls",
        nargs="?",
        const=True,
        default=False,
        metavar="PEM",
        help="speak TLS, and trust the public authorities or those in a file",
    )
    verb.add_argument(
        "--certificate", type=Path, metavar="PEM", help="the certificate to show (with --certificate-key)"
    )
    verb.add_argument("--certificate-key", type=Path, metavar="PEM")
    verb.set_defaults(way=to)


def to(args: argparse.Namespace) -> Way:
    """The way that the arguments say."""
    has_certificate = args.certificate is not None or args.certificate_key is not None
    return Way(
        args.server,
        key_file=args.api_key_file,
        is_encrypted=bool(args.tls) or has_certificate,
        authorities=None if isinstance(args.tls, bool) else Path(args.tls),
        certificate=args.certificate,
        certificate_key=args.certificate_key,
    )


def _not_here(_: str) -> str:
    raise argparse.ArgumentTypeError(SEEN_BY_ALL)


def _target(text: str) -> str:
    """What gRPC would take for a name, and look up for a while, is told at once."""
    if text.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError("must be HOST:PORT, without http:// or https://; for TLS give --tls")
    host, colon, port = text.rpartition(":")
    is_port = not port.isdigit() or 0 < int(port[:6]) <= 65_535  # it may be a path, as in unix:/run/socket
    if not (host and colon and port and is_port) or " " in text or not text.isprintable():
        raise argparse.ArgumentTypeError(f"must be HOST:PORT, such as {DEFAULT_LISTEN}")
    return text
